"""The keys that one `<Gather>` collects, and when they are enough."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from assistant.sandbox.phone_models import Listening


class KeyedEntry:
    """Collects keys until the Gather's length or finish key; what comes after is `left_over`."""

    def __init__(self, gather: Element) -> None:
        self.keyed = ""
        self.finished_on = ""
        self.left_over = ""
        self.hears_speech = "speech" in gather.get("input", "dtmf").split()
        self._hears_keys = "dtmf" in gather.get("input", "dtmf").split()
        self._finish_key = gather.get("finishOnKey", "#")
        self._length = int(gather.get("numDigits") or 0)

    def take(self, pressed: str) -> bool:
        """Collect keys; whether the entry is complete."""
        for place, key in enumerate(pressed):
            if self._hears_keys and key in self._finish_key:
                self.finished_on = key
            elif self._hears_keys:
                self.keyed += key
            if self.finished_on or (self._length and len(self.keyed) == self._length):
                self.left_over = pressed[place + 1 :]
                return True
        return False

    def ends_with(self, pressed: str) -> bool:
        """Whether these keys would complete the entry."""
        reaches_length = bool(self._length) and len(self.keyed) + len(pressed) >= self._length
        return reaches_length or any(key in self._finish_key for key in pressed)

    def listening(self) -> Listening:
        return Listening(
            hears_keys=self._hears_keys,
            hears_speech=self.hears_speech,
            length=self._length,
            finish_key=self._finish_key,
            keyed=len(self.keyed),
        )

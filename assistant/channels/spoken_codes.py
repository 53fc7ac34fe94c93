"""Reads a one-time code out on a call that we placed to the phone on file. Its words are stored nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable

from fastapi import Response

from assistant.channels.spoken import Speaker
from assistant.channels.tongue import Tongue
from assistant.channels.webhook import Form, twiml_response
from assistant.channels.wording import phrase
from assistant.dialogue.phrasing import digits
from assistant.settings import Settings

# (code_id, phone) -> the digits to read out, once, or None.
CodeToSpeak = Callable[[str, str], str | None]
# The call belongs to no session, so the key that asks for the code also picks the language.
SPANISH_KEY = "2"
_CODE_ID = re.compile(r"[a-z]{2,8}_[0-9a-f]{32}")


class SpokenCodes:
    """Two steps: a key is asked for, because an answering machine presses none; then the code is read."""

    def __init__(self, settings: Settings, code_to_speak: CodeToSpeak) -> None:
        self._speaker = Speaker(settings)
        self._code_to_speak = code_to_speak

    def offer(self, code_id: str) -> Response:
        """The call was picked up."""
        if not _CODE_ID.fullmatch(code_id):
            return self._nothing()
        return twiml_response(self._speaker.code_waits(code_id))

    def speak(self, code_id: str, form: Form) -> Response:
        """A key was pressed: read the code, if there is one for the phone that we rang."""
        is_ours = form.get("Direction").startswith("outbound")
        code = self._code_to_speak(code_id, form.phone("To")) if is_ours and form.get("Digits") else None
        if code is None:
            return self._nothing()
        tongue = Tongue("es" if form.get("Digits") == SPANISH_KEY else "en")
        words = phrase("code_is", tongue.language, code=digits(code, "voice"))
        return twiml_response(self._speaker.goodbye(tongue, words))

    def _nothing(self) -> Response:
        return twiml_response(self._speaker.goodbye_in_both("no_code"))

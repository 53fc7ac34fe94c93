"""Secrets that members key or text: checked here with identity, so that the engine never sees one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from assistant.dialogue.sessions import OpenSession
from assistant.dialogue.turn import Expectation
from assistant.errors import Refusal
from assistant.identity.service import Identity


@dataclass(frozen=True)
class Checked:
    """How a check ended: `ok`, `wrong_length` or the refusal's code, with the facts that its words need."""

    outcome: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        return self.outcome == "ok"


class Secrets:
    """Asks identity about one secret of the session."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity

    def check(self, session: OpenSession, expect: Expectation, digits: str) -> Checked:
        """Check digits of the expected kind. Costs a try only when the length is right."""
        if expect.length and len(digits) != expect.length:
            return Checked("wrong_length", {"counted": len(digits), "wanted": expect.length})
        try:
            self._ask(session, expect.secret, digits)
        except Refusal as refusal:
            return Checked(refusal.code, {name: _plain(value) for name, value in refusal.params.items()})
        return Checked("ok")

    def forget(self, session_id: str) -> None:
        """The session starts over: nobody is verified in it."""
        self._identity.forget(session_id)

    def _ask(self, session: OpenSession, secret: str, digits: str) -> None:
        match secret:
            case "pin":
                self._identity.check_pin(session.id, session.phone, digits)
            case "new_pin":
                self._identity.choose_pin(session.id, session.phone, digits)
            case "code":
                self._identity.check_code(session.id, session.phone, digits)
            case "enrollment_code":
                self._identity.check_enrollment_code(session.id, session.phone, digits)
            case _:
                raise ValueError(f"no such secret: {secret!r}")


def _plain(value: Any) -> Any:
    """Facts travel as JSON: instants become ISO text."""
    return value.isoformat() if hasattr(value, "isoformat") else value

"""We ring a member who texts: a call that continues what the text began."""

from __future__ import annotations

from assistant.db import Database
from assistant.dialogue.sessions import Sessions
from assistant.dialogue.turn import SessionView
from assistant.errors import Refusal
from assistant.identity.service import Identity
from assistant.ids import new_id
from assistant.notifications.outbox import Outbox
from assistant.payments.service import Payments

# The path below the public URL that answers our own call; it names the text session.
RESUME_PATH = "/twilio/voice?resume={session_id}"


class Calls:
    """Asks the outbox to ring, and carries the draft over when the phone is answered."""

    def __init__(
        self,
        db: Database,
        *,
        sessions: Sessions,
        identity: Identity,
        payments: Payments,
        outbox: Outbox,
    ) -> None:
        self._db = db
        self._sessions = sessions
        self._identity = identity
        self._payments = payments
        self._outbox = outbox

    def request(self, session_id: str) -> None:
        """Ring the phone of a text session soon."""
        session = self._sessions.get(session_id)
        with self._db.write() as tx:
            self._outbox.queue_call(
                tx,
                phone=session.phone,
                path=RESUME_PATH.format(session_id=session_id),
                dedupe_key=f"call:{new_id('ring')}",
            )

    def continue_text(self, text_session_id: str, call: SessionView) -> None:
        """Carry account, language and open draft of a text session into the call that we made.

        Only when it is the same phone, and it is on file: the id in the path is no evidence by itself.
        """
        try:
            text = self._sessions.get(text_session_id)
            known = self._identity.current(text_session_id)
            if text.phone != call.phone or known is None:
                return
            self._identity.recognize_by_callback(call.id, call.phone, known.account_id)
        except (LookupError, Refusal):
            return
        self._sessions.set_language(call.id, text.language)
        self._payments.carry_draft(text_session_id, call.id)

    def was_rung(self, call_id: str) -> bool:
        """Whether a call that just opened is one of ours that the member picked up.

        Only `continue_text` tells who it is before a word was said.
        """
        return self._identity.current(call_id) is not None

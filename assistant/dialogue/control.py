"""What an action may ask of the conversation itself: language, account, a call, a fresh start, opt-out."""

from __future__ import annotations

from assistant.clock import Clock
from assistant.db import Database
from assistant.dialogue.calls import Calls
from assistant.dialogue.sessions import Sessions
from assistant.dialogue.turn import Language
from assistant.identity.limits import is_real_phone
from assistant.identity.service import Identity
from assistant.notifications.opt_outs import record_opt_out, remove_opt_out
from assistant.notifications.phones import remember_language


class ConversationControl:
    """The part of the dialogue that actions see. Every call names its session."""

    def __init__(
        self, db: Database, clock: Clock, *, sessions: Sessions, calls: Calls, identity: Identity
    ) -> None:
        self._db = db
        self._clock = clock
        self._sessions = sessions
        self._calls = calls
        self._identity = identity

    def set_language(self, session_id: str, language: Language) -> None:
        """Answer in this language from the next turn on, and whenever this phone writes or calls again."""
        self._sessions.set_language(session_id, language)
        phone = self._sessions.get(session_id).phone
        if is_real_phone(phone):
            with self._db.write() as tx:
                remember_language(tx, phone, language, at=self._clock.now())

    def set_account(self, session_id: str, account_id: int) -> None:
        """The member picked one of the accounts of this phone; a claim, not evidence."""
        self._sessions.set_account(session_id, account_id)
        self._identity.claim_account(session_id, account_id)

    def request_call(self, session_id: str) -> None:
        """Ring the texting phone, to go on with what the text began."""
        self._calls.request(session_id)

    def end_after_reply(self, session_id: str) -> None:
        """This turn's reply is the last of the session."""
        self._sessions.end(session_id)

    def is_same_phone(self, session_id: str, other_session_id: str) -> bool:
        """Whether two sessions were held on one phone; a withheld number is nobody's."""
        phones = {self._sessions.get(each).phone for each in (session_id, other_session_id)}
        return len(phones) == 1 and "" not in phones

    def reset(self, session_id: str) -> None:
        """Forget who it was; the words of the running turn are still said."""
        self._identity.forget(session_id)

    def opt_out(self, session_id: str) -> None:
        """The member asked in words not to be texted: nothing unasked is sent from now on."""
        phone = self._sessions.get(session_id).phone
        with self._db.write() as tx:
            record_opt_out(tx, phone=phone, how="own_words", at=self._clock.now())

    def opt_in(self, session_id: str) -> None:
        """The member wants our texts again."""
        phone = self._sessions.get(session_id).phone
        with self._db.write() as tx:
            remove_opt_out(tx, phone=phone)

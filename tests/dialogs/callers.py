"""Who calls the phone line: how the account stands, whose phone it is, and what the call is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import func, select

from assistant.billing.models import LedgerEntry
from assistant.dialogue.turn import Language
from assistant.identity.preferences import MemberPreferences
from assistant.ids import new_id
from assistant.notifications.models import OutboxMessage
from tests.dialogs.conftest import Line, World
from tests.dialogs.walking import Caller
from tests.factories import MadeAccount

# Said aloud where no key leads: what follows is walked by keys.
_WORDS: dict[Language, dict[str, str]] = {
    "en": {"no": "no", "paper": "send me paper bills again"},
    "es": {"no": "no", "paper": "quiero otra vez la factura en papel"},
}


@dataclass
class Town:
    """The co-op, and as many callers as are wanted: each call is about an account of its own."""

    world: World
    language: Language
    numbers: count[int] = field(default_factory=lambda: count(1))

    def account(self, **wanted: object) -> MadeAccount:
        n = next(self.numbers)
        wanted = {"name": f"Ada {n}", "phone": f"+1706555{n:04}", "language": self.language, **wanted}
        return self.world.factory.account(f"{1_000_000_000 + n}", **wanted)  # type: ignore[arg-type]

    def card(self, account: MadeAccount, last_four: str = "4242", *, is_default: bool = True) -> str:
        token = f"pm_{account.id}_{last_four}"
        return self.world.app.payments.saved_methods.save(account.id, token, is_default=is_default).id

    @property
    def preferences(self) -> MemberPreferences:
        return self.world.app.services.preferences

    def verified_session(self, account: MadeAccount) -> str:
        """A call of the member that is over: what the office calls history."""
        line = Line(self.world.app, self.world.app.conversation.open_call(new_id("call"), account.phone).id)
        self.verify(line, account, account.phone)
        return line.session_id

    def verify(self, line: Line, account: MadeAccount, phone: str) -> None:
        identity = self.world.app.identity
        identity.claim(line.session_id, account.account_number)
        identity.recognize_by_zip(line.session_id, phone, account.zip_code)
        identity.check_pin(line.session_id, phone, account.pin)

    def consent(self, session_id: str, draft_id: str) -> dict[str, str]:
        """The yes to what was read back, as the service's parts want it."""
        payments = self.world.app.payments
        payments.record_consent(session_id=session_id, draft_id=draft_id, turn_id=draft_id, how="key")
        told = {"language": self.language, "channel": "voice", "phone": ""}
        return {"session_id": session_id, "turn_id": draft_id, **told}

    def code_for(self, phone: str) -> str:
        """The newest one-time code that was sent to a phone, as a text or to be read out."""
        sent = select(OutboxMessage).where(OutboxMessage.phone == phone).order_by(OutboxMessage.created_at)
        with self.world.app.db.read() as tx:
            body = list(tx.scalars(sent))[-1].body
        if code := re.search(r"\b\d{6}\b", body):
            return code.group()
        spoken = self.world.app.identity.code_to_speak(re.split(r"[/=]", body)[-1], phone)
        assert spoken is not None
        return spoken

    def thread(self, account: MadeAccount) -> Line:
        """A thread of texts of the phone on file, before a call of ours."""
        line = self.world.thread(account.phone)
        self.world.app.identity.recognize_by_phone(line.session_id, account.phone)
        return line

    def call(
        self, account: MadeAccount, phone: str, *, is_verified: bool, resume: str = "", card: str = ""
    ) -> Caller:
        """A call of this phone, greeted in the language of the walk; or a call of ours to it."""
        line = self.world.call(phone, new_id("call"), resume)
        if self.language == "es" and "For English" not in line.said and not resume:
            line.press("5")
        if is_verified:
            self.verify(line, account, phone)

        def on_paper(keys: str) -> str:
            code = self.code_for(account.phone or phone) if keys == "{code}" else ""
            known = {"account": account.account_number, "zip": account.zip_code, "pin": account.pin or "7305"}
            words = _WORDS[self.language]
            return keys.format(**known, **words, enrollment=account.enrollment_code, code=code)

        return Caller(line, on_paper, lambda: self.world.gateway.taken_cents, self.posted_cents, card)

    def posted_cents(self) -> int:
        """What the processor owes the co-op, by the ledger."""
        posted = select(func.sum(LedgerEntry.amount_cents)).where(LedgerEntry.book == "clearing")
        with self.world.app.db.read() as tx:
            return tx.scalar(posted) or 0


@dataclass(frozen=True)
class Kind:
    """A kind of caller. `arrange` makes the account of one call; `wishes`: what it is about, none for all."""

    arrange: Callable[[Town], MadeAccount]
    wishes: frozenset[str] = frozenset()
    is_verified: bool = True
    # Whoever is not on file calls from a phone that nobody knows.
    is_own_phone: bool = True
    # Keys that lead to the one question that is met there; nothing is pressed at others.
    start: tuple[str, ...] = ()
    # The texts that a call of ours goes on with.
    texted: Callable[[Town, MadeAccount], Line] | None = None
    # The token of a card that is not the caller's own.
    card: Callable[[Town], str] | None = None

    def calls(self, town: Town) -> Callable[[], Caller]:
        """Calls one after the other, each of somebody new."""

        def call() -> Caller:
            account = self.arrange(town)
            phone = account.phone if self.is_own_phone else f"+1706556{next(town.numbers):04}"
            resume = self.texted(town, account).session_id if self.texted else ""
            card = self.card(town) if self.card else ""
            return town.call(account, phone, is_verified=self.is_verified, resume=resume, card=card)

        return call

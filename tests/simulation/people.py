"""What members do: draft, say yes, change their minds; and what the dialogue may do that they did not say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

from assistant.errors import PaymentDeclined, PaymentPending, PaymentUnknown
from assistant.payments.autopay_views import AutopayOptions
from tests.simulation.world import Person

if TYPE_CHECKING:
    from tests.simulation.story import Story

_WORDS = "Pay it with Visa 4242? Reply YES or 1."
# Twilio waits no longer for an answer: a later reply reaches nobody.
_TWILIO_WAITS = timedelta(seconds=15)
_HOW: tuple[Literal["pin", "key", "word"], ...] = ("pin", "key", "word")


class People:
    """The members of a story, and their bills. Each act draws from the story's seed."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._world = story.world
        self._random = story.random
        self._turns = 0
        # Replies with an outcome that reached the member: `(session, turn, outcome)`.
        self.heard: list[tuple[str, str, str]] = []
        # Turns whose reply was also noted as told.
        self.noted: set[str] = set()

    def bill(self, due_on: date) -> None:
        """The utility sends a bill to one account, or to both."""
        cents = self._random.choice((8420, 8420, 5000, 12_345, 4_999, 99))
        for account_id in {person.account_id for person in self._world.people}:
            self._post_bill(account_id, cents, due_on)
        self._story.note(f"bills of {cents}, due {due_on}")

    def pay(self) -> None:
        person = self._somebody()
        if person is None:
            return
        amount = self._amount(person)

        def work() -> str:
            draft = self._world.payments.draft(
                session_id=person.session,
                account_id=person.account_id,
                amount_cents=amount,
                method_id=person.methods[0],
                accept_duplicate=self._random.random() < 0.3,
            )
            return self._yes(person, draft.id, lambda turn: self._charge(person, turn))

        self._story.start(f"{person.name} pays", work)

    def schedule(self) -> None:
        person = self._somebody()
        if person is None:
            return
        days = self._random.choice((1, 1, 2, 3, 7))
        pay_on = self._random.choice((self._story.weather.due_on, self._story.today + timedelta(days=days)))
        amount = self._amount(person)

        def work() -> str:
            draft = self._world.payments.draft(
                session_id=person.session,
                account_id=person.account_id,
                amount_cents=amount,
                method_id=person.methods[0],
                accept_duplicate=self._random.random() < 0.3,
                pay_on=pay_on,
            )
            confirm = self._charge if pay_on == self._story.today else self._set
            return self._yes(person, draft.id, lambda turn: confirm(person, turn))

        self._story.start(f"{person.name} sets {pay_on:%m-%d}", work)

    def change(self) -> None:
        person = self._somebody(self._with_upcoming())
        if person is None:
            return

        def work() -> str:
            proof = self._world.identity.require(person.session, "verified")
            upcoming = self._world.payments.scheduled.upcoming(proof)
            one = self._random.choice(upcoming)
            draft = self._world.payments.scheduled.redraft(
                session_id=person.session,
                scheduled_id=one.id,
                amount_cents=self._random.choice((None, 3000)),
                pay_on=self._random.choice((None, one.pay_on + timedelta(days=self._random.choice((-1, 1))))),
                method_id=self._random.choice((None, person.methods[1])),
            )
            return self._yes(person, draft.id, lambda turn: self._set(person, turn))

        self._story.start(f"{person.name} changes", work)

    def cancel(self) -> None:
        person = self._somebody(self._with_upcoming())
        if person is None:
            return

        def work() -> str:
            proof = self._world.identity.require(person.session, "verified")
            upcoming = self._world.payments.scheduled.upcoming(proof)
            one = self._random.choice(upcoming)
            self._world.payments.scheduled.cancel(session_id=person.session, scheduled_id=one.id)
            return "taken back"

        self._story.start(f"{person.name} takes back", work)

    def enroll(self) -> None:
        person = self._somebody()
        if person is None:
            return
        options = self._options(person)

        def work() -> str:
            offer = self._world.payments.autopay.offer(session_id=person.session, options=options)
            return self._yes(person, offer.id, lambda turn: self._switch_on(person, turn))

        self._story.start(f"{person.name} enrolls", work)

    def change_autopay(self) -> None:
        person = self._somebody()
        if person is None:
            return
        autopay, session = self._world.payments.autopay, person.session
        what = self._random.choice(("pause", "resume", "leave", "change"))
        options = replace(self._options(person), method_id=person.methods[1], backup_method_id=None)

        def change() -> str:
            offer = autopay.offer_change(session_id=session, options=options)
            return self._yes(person, offer.id, lambda turn: self._switch_on(person, turn))

        works: dict[str, Callable[[], Any]] = {
            "pause": lambda: autopay.pause(session_id=session).state,
            "resume": lambda: autopay.resume(session_id=session).state,
            "leave": lambda: autopay.leave(session_id=session, channel=person.channel).state,
            "change": change,
        }
        self._story.start(f"{person.name} {what}", works[what])

    # Turns

    def _yes(self, person: Person, draft_id: str, confirm: Callable[[str], str]) -> str:
        """The member hears the amount; then she says yes, or the engine goes on without her."""
        self._turns += 1
        turn = f"turn_{self._turns}"
        if self._random.random() < 0.9:
            self._story.promises.yes.add(draft_id)
            self._world.payments.record_consent(
                session_id=person.session, draft_id=draft_id, turn_id=turn, how=self._random.choice(_HOW)
            )
        told = confirm(turn)
        if self._random.random() < 0.05:
            told += f", once more: {confirm(turn)}"
        return told

    def _charge(self, person: Person, turn: str) -> str:
        began_at = self._world.clock.true.now()
        told = "receipt"
        try:
            self._world.payments.confirm(
                session_id=person.session,
                turn_id=turn,
                language=person.language,
                channel=person.channel,
                phone=person.phone,
            )
        except PaymentDeclined:
            told = "declined"
        except PaymentUnknown:
            told = "unknown"
        except PaymentPending:
            told = "pending"
        self._world.fates.reach("reply")
        if self._world.clock.true.now() - began_at > _TWILIO_WAITS:
            return f"{told}, too late for Twilio"
        self.heard.append((person.session, turn, told))
        self._world.payments.told_in_reply(turn)
        self.noted.add(turn)
        return told

    def _set(self, person: Person, turn: str) -> str:
        view = self._world.payments.scheduled.confirm(
            session_id=person.session,
            turn_id=turn,
            language=person.language,
            channel=person.channel,
            phone=person.phone,
            words=_WORDS,
        )
        return f"set {view.amount_cents} for {view.pay_on:%m-%d}"

    def _switch_on(self, person: Person, turn: str) -> str:
        view = self._world.payments.autopay.confirm(
            session_id=person.session,
            turn_id=turn,
            language=person.language,
            channel=person.channel,
            phone=person.phone,
            words=_WORDS,
        )
        return view.state

    # What they choose

    def _somebody(self, accounts: set[int] | None = None) -> Person | None:
        """Whose last turn is over: turns of one session are taken one after the other."""
        busy = {process.name.split()[0] for process in self._story.asleep}
        idle = [
            person
            for person in self._world.people
            if person.name not in busy and (accounts is None or person.account_id in accounts)
        ]
        return self._random.choice(idle) if idle else None

    def _with_upcoming(self) -> set[int]:
        return {row.account_id for row in self._world.rows.scheduled() if row.state == "scheduled"}

    def _amount(self, person: Person) -> int:
        owed_cents = self._world.rows.balances().get(person.account_id, 0)
        return max(self._random.choice((owed_cents, owed_cents, owed_cents // 2, 3000)), 1)

    def _options(self, person: Person) -> AutopayOptions:
        kind: Literal["full", "capped", "fixed"] = self._random.choice(("full", "full", "capped", "fixed"))
        return AutopayOptions(
            method_id=person.methods[0],
            backup_method_id=self._random.choice((None, person.methods[1])),
            days_before=self._random.choice((0, 0, 1, 3)),
            amount_kind=kind,
            amount_cents=None if kind == "full" else self._random.choice((6000, 20_000)),
        )

    def _post_bill(self, account_id: int, cents: int, due_on: date) -> None:
        self._turns += 1
        self._world.rows.post_bill(
            f"S-{account_id}-{self._turns}", account_id, cents, due_on, self._world.clock.now()
        )

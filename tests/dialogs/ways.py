"""One member talks with the co-op: by text, by keypad or in speech, in English or Spanish.

Everything between is the product's own: signed webhooks, TwiML that the executor obeys, the trained Rasa, the
real actions and services, and the Stripe stand-in with its books. Members are many, the co-op is one.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

import pytest
from sqlalchemy import select

from assistant.app import Application
from assistant.clock import FixedClock
from assistant.handoff.service import HandoffView
from assistant.sandbox.carrier import Carrier
from tests.factories import Factory, MadeAccount
from tests.fake_sender import FakeSender
from tests.phone_fixtures import Phone
from tests.stripe_fixtures import StandIn

By = Literal["text", "keys", "speech"]
Tongue = Literal["en", "es"]

# Key the card of the stand-in's first bank: number, expiry, security code, ZIP.
CARD = "CARD"
CARD_KEYS = ("4242424242424242#", "1230", "123#", "30601#")
SILENCE = "SILENCE"
# What a caller keys to be known: to be told things, and to pay or change them.
KNOWN = "{account} | {zip}"
VERIFIED = "{account} | {zip} | {pin}"
# fmt: off
_MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
        "noviembre", "diciembre",
    ),
}
_ORDINALS = {
    1: "first", 3: "third", 13: "thirteenth", 14: "fourteenth", 24: "twenty-fourth", 25: "twenty-fifth",
    27: "twenty-seventh", 28: "twenty-eighth",
}
# fmt: on


@dataclass(frozen=True)
class Way:
    """How a member talks. As a test's name: `text-en`, `keys-es`."""

    by: By
    language: Tongue

    def __str__(self) -> str:
        return f"{self.by}-{self.language}"


WAYS = tuple(Way(by, language) for by in ("text", "keys", "speech") for language in ("en", "es"))


@dataclass(frozen=True)
class Feature:
    """What was tried: the script of each way, and why a way has none."""

    scripts: dict[Way, tuple[str, ...]]
    without: dict[Way, str]


FEATURES: dict[str, Feature] = {}


Scripts = dict[Tongue, str]
Marks = Callable[[Callable[..., None]], Callable[..., None]]


def in_every_way(
    text: Scripts | None = None, keys: str | None = None, speech: Scripts | None = None
) -> Marks:
    """One conversation for each way: its steps, with `|` between them; keys are the same in both languages.

    A text step is sent. On the phone `CARD` keys a card, `SILENCE` waits, digits are keyed, and words are
    spoken. `{account}`, `{zip}`, `{pin}`, `{code}` and `{phone}` (its last four) are the member's.
    The test takes `talk`.
    """
    scripts = _by_way(text, keys, speech)
    short = _short_form(scripts)
    cells = [
        pytest.param((way, script), id=str(way), marks=() if way in short else pytest.mark.thorough)
        for way, script in scripts.items()
    ]
    return pytest.mark.parametrize("talk", cells, indirect=True)


def _short_form(scripts: dict[Way, tuple[str, ...]]) -> set[Way]:
    """The ways of the default run: text, keys and speech, in one language each, another for the next feature.

    Half of the ways has every sort of input and both languages; all of them took longer than everything else.
    """
    first = zlib.crc32(repr(sorted(map(str, scripts.items()))).encode())
    turns = {way: (first + sum(divmod(WAYS.index(way), 2))) % 2 for way in scripts}
    alone = {way for way in scripts if sum(other.by == way.by for other in scripts) == 1}
    return alone | {way for way in scripts if turns[way]}


def feature(
    name: str,
    *,
    text: Scripts | None = None,
    keys: str | None = None,
    speech: Scripts | None = None,
    without: dict[By, str] | None = None,
) -> Marks:
    """The same for something that a member can do here; `without` says why a way is not there."""
    reasons = {way: without[way.by] for way in WAYS if without and way.by in without}
    assert name not in FEATURES, f"{name} is there twice"
    FEATURES[name] = Feature(_by_way(text, keys, speech), reasons)
    return in_every_way(text, keys, speech)


def _by_way(text: Scripts | None, keys: str | None, speech: Scripts | None) -> dict[Way, tuple[str, ...]]:
    by_keys: Scripts | None = {"en": keys, "es": keys} if keys else None
    said: dict[By, Scripts | None] = {"text": text, "keys": by_keys, "speech": speech}
    return {
        way: tuple(scripts[way.language].split(" | "))
        for way in WAYS
        if (scripts := said[way.by]) and way.language in scripts
    }


@dataclass
class Coop:
    """The co-op with its carrier and its processor; many members use it one after the other."""

    app: Application
    clock: FixedClock
    factory: Factory
    carrier: Carrier
    processor: StandIn
    sender: FakeSender
    members: int = 0

    def next_number(self) -> int:
        self.members += 1
        return self.members


@dataclass
class Talk:
    """One member and what is said. `told` is the last answer, `heard` all of them."""

    coop: Coop
    way: Way
    script: tuple[str, ...]
    heard: list[str] = field(default_factory=list)
    charges_before: int = 0
    _phone: Phone | None = None
    _account: MadeAccount | None = None
    _spoken: int = 0

    def __post_init__(self) -> None:
        self.charges_before = len(self.coop.processor.charged())

    # Who talks

    def member(self, *, card: bool = False, **wanted: Any) -> MadeAccount:
        """The member, with one account and a bill of $84.20 due Dec 3 unless `wanted` says otherwise."""
        number = self.coop.next_number()
        made = self.coop.factory.account(
            f"{4_000_000_000 + number}",
            **{
                "name": f"Member {number}",
                "phone": f"+1706557{number:04d}",
                "language": self.language if self.by == "text" else "en",
                **wanted,
            },
        )
        self._account = made
        if card:
            self.save_card()
        return made

    def talks_as(self, account: MadeAccount) -> None:
        """Somebody who talked before, in another way."""
        self._account = account

    def end(self) -> None:
        """The thread or call is over, so that the next one begins anew."""
        if self.is_call:
            self.phone.hang_up()
        else:
            session = self.coop.app.conversation.open_text_session(self.phone.number)
            self.coop.app.conversation.end(session.id, "completed")

    def save_card(self, token: str = "pm_card_visa", *, is_default: bool = True) -> None:  # noqa: S107
        """A card on file; the default is Visa 4242."""
        self.coop.app.payments.saved_methods.save(self.account.id, token, is_default=is_default)

    @property
    def account(self) -> MadeAccount:
        assert self._account is not None, "who talks?"
        return self._account

    @property
    def by(self) -> By:
        return self.way.by

    @property
    def language(self) -> Tongue:
        return self.way.language

    @property
    def is_call(self) -> bool:
        return self.by != "text"

    @property
    def phone(self) -> Phone:
        """The enrolled phone; a phone of their own for who has none on file."""
        if self._phone is None:
            number = self.account.phone or f"+1706558{self.account.id:04d}"
            self._phone = Phone(self.coop.carrier, number)
        return self._phone

    # What is said

    def through(self) -> str:
        """The whole script; returns the last answer."""
        if self.is_call:
            self.dial()
        for step in self.script:
            self.say(step)
        return self.told

    def dial(self) -> str:
        """Call, and ask for Spanish by its key or by speaking it, unless the phone is remembered with it."""
        self.heard.append(self.phone.dial())
        if self.language == "es" and not self.told.startswith("Gracias por llamar"):
            self.heard.append(self.phone.press("5") if self.by == "keys" else self.phone.say("español"))
            assert "español" in self.told
        return self.told

    def say(self, step: str) -> str:
        """One step of a script, see `feature`."""
        step = self._filled(step)
        self.heard.append(self._on_call(step) if self.is_call else self.phone.text(step))
        return self.told

    def _on_call(self, step: str) -> str:
        if step == CARD:
            assert self.phone.state == "card", self.transcript()
            return [self.phone.press(keys) for keys in CARD_KEYS][-1]
        if step == SILENCE:
            return self.phone.stay_silent()
        if re.fullmatch(r"[0-9*#]+", step):
            return self.phone.press(step, is_done=True)
        assert self.by == "speech", f"who keys does not say {step!r}"
        self._spoken += 1
        is_sure = (self._spoken + (self.language == "es")) % 2 == 1
        # The carrier leaves its confidence out as it likes.
        return self.phone.say(step, confidence=0.9 if is_sure else None)

    def take_the_call(self) -> str:
        """Pick up the call that a text asked for."""
        path = self.coop.sender.calls[-1][2]
        url = self.coop.app.settings.public_url + path
        self.coop.carrier.ring(self.phone.number, url, fallback_url="", status_url="", seconds=40)
        self.heard.append(self.phone.pick_up())
        return self.told

    def say_on_call(self, step: str) -> str:
        """A step of a call that a text led to."""
        self.heard.append(self._on_call(self._filled(step)))
        return self.told

    def _filled(self, step: str) -> str:
        account = self.account
        return step.format(
            account=account.account_number,
            zip=account.zip_code,
            pin=account.pin,
            code=account.enrollment_code,
            phone=account.phone[-4:],
        )

    @property
    def told(self) -> str:
        return self.heard[-1]

    def transcript(self) -> str:
        steps = ["(dials)", "(español)"][: 1 + (self.language == "es")] if self.is_call else []
        return "\n".join(
            f"> {said}\n< {told}" for said, told in zip([*steps, *self.script], self.heard, strict=False)
        )

    # What it means

    def words(self, en: str, es: str) -> str:
        """The words of this conversation's language."""
        return en if self.language == "en" else es

    def money(self, cents: int) -> str:
        """An amount as this member reads or hears it."""
        dollars, rest = divmod(cents, 100)
        if not self.is_call:
            return f"${dollars:,}.{rest:02}"
        unit, joint, small = (
            self.words("dollars", "dólares"),
            self.words("and", "con"),
            self.words("cents", "centavos"),
        )
        return f"{dollars} {unit} {joint} {rest} {small}" if rest else f"{dollars} {unit}"

    def day(self, on: date) -> str:
        """A date as this member reads or hears it."""
        month = _MONTHS[self.language][on.month - 1]
        if self.language == "es":
            return f"{'primero' if self.is_call and on.day == 1 else on.day} de {month}"
        return f"{month} {_ORDINALS[on.day]}" if self.is_call else f"{month[:3]} {on.day}"

    def number(self, digits: str) -> str:
        """A number as this member reads or hears it: by phone in groups."""
        return f"{' '.join(digits[:4])}, {' '.join(digits[4:])}" if self.is_call else digits

    @property
    def today(self) -> date:
        return self.coop.clock.today()

    @property
    def due_on(self) -> date:
        """When the factory's bill is due."""
        return self.today + timedelta(days=10)

    def noon_of(self, on: date) -> datetime:
        return datetime.combine(on, time(12), self.coop.clock.zone)

    # What became of it

    @property
    def balance(self) -> int:
        return self.coop.app.billing.summary(self.account.id).balance_cents

    @property
    def charged(self) -> list[int]:
        """What the processor's books say was taken since this member began."""
        charges = self.coop.processor.charged()[self.charges_before :]
        return [charge["amount"] for charge in charges]

    @property
    def confirmation_number(self) -> str:
        status = self.coop.app.payments.last_status(self.account.id)
        assert status is not None
        return status.confirmation_number

    @property
    def cards(self) -> list[str]:
        return [each.last_four for each in self.coop.app.payments.saved_methods.saved(self.account.id)]

    @property
    def requests(self) -> list[HandoffView]:
        """What the office is asked to do for this phone."""
        return [each for each in self.coop.app.handoff.open_requests() if each.phone == self.phone.number]

    @property
    def received(self) -> list[str]:
        """What the carrier was given to text to this phone, beside the answers to its own texts."""
        self.coop.app.outbox.send_due()
        return self.coop.sender.bodies_to(self.phone.number)

    def rows(self, model: Any) -> list[Any]:
        """The account's rows of a table."""
        with self.coop.app.db.read() as tx:
            return list(tx.scalars(select(model).where(model.account_id == self.account.id)))

"""Virtual members: each has a goal, a temper and a seed, and answers what it reads or hears as people do.

They see what a member sees, the words and the choices, and what is asked for; they know their own account
number, ZIP, PIN and the amount they mean. How often they slip is their temper's.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.dialogue.turn import Choice, Heard
from tests.dialogs.conftest import Line, World
from tests.factories import MadeAccount

# What a bad line makes of a number; both ways round.
_SOUNDS_LIKE = {
    "thirteen": "thirty", "fourteen": "forty", "fifteen": "fifty", "sixteen": "sixty", "seventeen": "seventy",
    "eighteen": "eighty", "nineteen": "ninety", "sesenta": "setenta", "dos": "doce",
}  # fmt: skip
_MISHEARD = {**_SOUNDS_LIKE, **{heard: said for said, heard in _SOUNDS_LIKE.items()}}
# Longer than anybody stays with a machine.
MOST_TURNS = 40
_OVER = ("hang_up", "transfer")


@dataclass(frozen=True)
class Temper:
    """How often (0..1) one is silent, slips in digits, is misheard, asks something else, changes tongue.

    `noise`: how often the recogniser takes the noise of the line for a yes, before the member has answered.
    """

    name: str
    silent: float = 0.0
    slips: float = 0.0
    misheard: float = 0.0
    noise: float = 0.0
    wanders: float = 0.0
    changes_tongue: float = 0.0
    is_suspicious: bool = False
    is_hurried: bool = False


TEMPERS = (
    Temper("plain"),
    Temper("slow", silent=0.2),
    Temper("hurried", is_hurried=True),
    Temper("wrong digits", slips=0.3),
    Temper("noisy line", misheard=0.5, silent=0.05, noise=0.15),
    Temper("code-switching", changes_tongue=0.3),
    Temper("forgetful", wanders=0.3),
    Temper("suspicious", is_suspicious=True, wanders=0.1),
)


@dataclass(frozen=True)
class Goal:
    """What a member wants. `cents` is what they mean to pay, 0 for a question."""

    name: str
    cents: int
    words: dict[str, tuple[str, ...]]
    is_reached: Callable[[World, MadeAccount, str], bool]


def _has_charged(world: World, account: MadeAccount, cents: int) -> bool:
    paid = [each.amount_cents for each in world.app.payments.all_of(account.id) if each.state == "succeeded"]
    return paid == [cents]


def pay_all(owed_cents: int) -> Goal:
    return Goal(
        "pay all",
        owed_cents,
        {
            "en": ("pay my bill", "I need to pay my light bill"),
            "es": ("quiero pagar mi factura", "pagar la luz"),
        },
        lambda world, account, _said: _has_charged(world, account, owed_cents),
    )


def pay_part(cents: int) -> Goal:
    dollars = cents // 100
    return Goal(
        "pay part",
        cents,
        {
            "en": (f"pay {dollars} dollars on my bill", "i want to pay part of my bill"),
            "es": (f"quiero pagar {dollars} dólares", "quiero pagar una parte de mi factura"),
        },
        lambda world, account, _said: _has_charged(world, account, cents),
    )


def ask_owed(owed_cents: int) -> Goal:
    dollars, cents = divmod(owed_cents, 100)
    told = re.compile(rf"\${dollars}\.{cents:02}|{dollars} (?:dollars and|dólares con) {cents} ")
    return Goal(
        "ask what is owed",
        0,
        {"en": ("how much do I owe", "what's my balance"), "es": ("cuánto debo", "cuál es mi saldo")},
        lambda _world, _account, said: told.search(said) is not None,
    )


def reach_person() -> Goal:
    return Goal(
        "reach a person",
        0,
        {"en": ("let me talk to somebody", "agent"), "es": ("quiero hablar con una persona", "agente")},
        lambda world, account, _said: any(each.phone == account.phone for each in world.requests()),
    )


@dataclass
class Visit:
    """How one member fared. `trace` is what was said, for the failure's reader."""

    goal: Goal
    temper: Temper
    language: str
    by: str
    is_reached: bool = False
    turns: int = 0
    met_person: bool = False
    wrong_cents: list[int] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)

    @property
    def is_dead_end(self) -> bool:
        return not self.is_reached and not self.met_person


@dataclass
class VirtualMember:
    """One member on one thread or call. `by` is `text`, `keys` or `speech`."""

    world: World
    account: MadeAccount
    goal: Goal
    temper: Temper
    language: str
    by: str
    chance: random.Random
    was_misheard: bool = False

    def visit(self, line: Line) -> Visit:
        """Talk until the goal is reached, the line is over, or patience is."""
        visit = Visit(self.goal, self.temper, self.language, self.by)
        said = line.said if self.by != "text" else ""
        while visit.turns < MOST_TURNS and not visit.is_reached:
            if line.replies and line.expect.kind in _OVER:
                break
            heard = self._opening() if not line.replies else self._answer(line, visit.turns)
            visit.turns += 1
            said = line.hear(heard) if heard.kind != "card" else line.key_card()
            visit.trace += [f"> {heard.kind}: {heard.text}", f"< {said} {line.choices} [{line.expect.kind}]"]
            visit.is_reached = self.goal.is_reached(self.world, self.account, said)
        visit.met_person = any(each.phone == self.account.phone for each in self.world.requests())
        charged = self.world.app.payments.all_of(self.account.id)
        visit.wrong_cents = [
            each.amount_cents
            for each in charged
            if each.state == "succeeded" and each.amount_cents != self.goal.cents
        ]
        return visit

    # What is said

    def _opening(self) -> Heard:
        if self.temper.is_suspicious:
            return self._words(
                {"en": "is this really the electric co-op", "es": "de verdad es la cooperativa"}
            )
        return self._wish()

    def _wish(self) -> Heard:
        if self.temper.is_hurried and self.goal.name == "pay part":
            dollars = self.goal.cents // 100
            return self._words({"en": f"pay {dollars} with my visa", "es": f"pagar {dollars} con mi visa"})
        return self._words({tongue: self.chance.choice(said) for tongue, said in self.goal.words.items()})

    def _words(self, by_tongue: dict[str, str]) -> Heard:
        other = "en" if self.language == "es" else "es"
        changes = self._happens(self.temper.changes_tongue)
        words = by_tongue[other if changes else self.language]
        return (
            Heard("text", words) if self.by == "text" else Heard("speech", self._through_the_line(words), 0.8)
        )

    def _through_the_line(self, words: str) -> str:
        heard = [
            _MISHEARD.get(word, word) if self._happens(self.temper.misheard) else word
            for word in words.split()
        ]
        self.was_misheard = self.was_misheard or heard != words.split()
        return " ".join(heard)

    def _happens(self, how_often: float) -> bool:
        return self.chance.random() < how_often

    # What is answered

    def _answer(self, line: Line, turn: int) -> Heard:
        expect = line.expect
        if self.by != "text" and self._happens(self.temper.silent):
            return Heard("silence")
        if self.by != "text" and self._happens(self.temper.noise):
            heard_as = "sí" if self.language == "es" else "yes"
            return Heard("speech", heard_as, self.chance.uniform(0.2, 0.8))
        if turn and self._happens(self.temper.wanders):
            return self._words({"en": "when is it due", "es": "cuándo vence"})
        if expect.kind == "confirm":
            return self._to_the_read_back(line)
        if expect.kind == "digits" or expect.secret:
            return self._digits(line)
        if expect.kind == "amount":
            return self._amount()
        if expect.kind == "new_card":
            return Heard("card")
        if expect.kind == "yes_no":
            return self._yes_or_no(line)
        if expect.kind == "choice" and expect.choices:
            return self._chosen(line)
        return self._wish()

    def _to_the_read_back(self, line: Line) -> Heard:
        """A yes only to the amount that is meant; else the correction."""
        if not self._means(line.said):
            choice = _with(line.expect.choices, "option", "other_amount")
            if self.by == "text" or choice is None:
                return self._words(
                    {
                        "en": f"no, make it {self._in_words('en')}",
                        "es": f"no, que sean {self._in_words('es')}",
                    }
                )
            return self._pick(choice)
        if line.expect.secret:
            return self._digits(line)
        return (
            Heard("text", "yes" if self.language == "en" else "sí")
            if self.by == "text"
            else Heard("keys", "1")
        )

    def _means(self, said: str) -> bool:
        dollars, cents = divmod(self.goal.cents, 100)
        written = f"${dollars:,}.{cents:02}"
        spoken = rf"\b{dollars} (?:dollars|dólares)" + (
            rf" (?:and|con) {cents} " if cents else r"(?! (?:and|con) \d)"
        )
        return written in said or re.search(spoken, said) is not None

    def _digits(self, line: Line) -> Heard:
        expect = line.expect
        digits = {5: self.account.zip_code, 10: self.account.account_number}.get(
            expect.length, self.account.pin
        )
        if self._happens(self.temper.slips):
            digits = self._slipped(digits)
        return Heard("text" if self.by == "text" else "keys", digits)

    def _slipped(self, digits: str) -> str:
        """One digit is another, is left out, or has changed places with the next."""
        place = self.chance.randrange(len(digits) - 1)
        before, digit, after, rest = digits[:place], digits[place], digits[place + 1], digits[place + 2 :]
        return self.chance.choice(
            (
                f"{before}{(int(digit) + 1) % 10}{after}{rest}",
                f"{before}{after}{rest}",
                f"{before}{after}{digit}{rest}",
            )
        )

    def _amount(self) -> Heard:
        dollars, cents = divmod(self.goal.cents, 100)
        if self.by == "text":
            return Heard("text", f"{dollars}.{cents:02}")
        # Who was misheard once keys the number: the prompt says how.
        if self.by == "keys" or self.was_misheard:
            return Heard("keys", f"{dollars}*{cents:02}")
        return self._words({tongue: f"{self._in_words(tongue)} {unit}" for tongue, unit in _DOLLARS.items()})

    def _in_words(self, tongue: str) -> str:
        dollars, cents = divmod(self.goal.cents, 100)
        return _SPELLED[tongue].get(dollars, str(dollars)) if not cents else f"{dollars}.{cents:02}"

    def _yes_or_no(self, line: Line) -> Heard:
        asks_amount = re.search(r"\d+ (?:dollars|dólares)|\$\d", line.said) is not None
        says_yes = self._means(line.said) if asks_amount else False
        if self.by == "text":
            word = {"en": ("yes", "no"), "es": ("sí", "no")}[self.language][0 if says_yes else 1]
            return Heard("text", word)
        return Heard("keys", "1" if says_yes else "2")

    def _chosen(self, line: Line) -> Heard:
        choices = line.expect.choices
        wanted = {
            "pay all": ("pay_bill", "full"),
            "pay part": ("pay_bill", "other_amount"),
            "ask what is owed": ("check_balance", ""),
            "reach a person": ("human_agent", ""),
        }[self.goal.name]
        option = _with(choices, "option", wanted[1]) if wanted[1] else None
        by_intent = next((each for each in choices if each.intent == wanted[0] and not each.entities), None)
        saved = next((each for each in choices if each.intent == "switch_method"), None)
        chosen = option or by_intent or saved
        if chosen is None or (chosen is by_intent and self.by == "speech"):
            return self._wish()
        return self._pick(chosen)

    def _pick(self, choice: Choice) -> Heard:
        return Heard("text" if self.by == "text" else "keys", str(choice.number))


_DOLLARS = {"en": "dollars", "es": "dólares"}
_SPELLED = {
    "en": {15: "fifteen", 50: "fifty", 60: "sixty", 40: "forty", 30: "thirty"},
    "es": {15: "quince", 50: "cincuenta", 60: "sesenta", 40: "cuarenta", 30: "treinta"},
}


def _with(choices: tuple[Choice, ...], entity: str, value: str) -> Choice | None:
    return next((each for each in choices if each.entities.get(entity) == value), None)

"""A walk over the phone line by keypad alone: at each prompt every key that it offers, until nothing is new.

The prompts are a graph. The walk goes on from where a key led, as long as a key is left to press there or on
a known way from there; else it hangs up and calls again, as somebody whom nobody has met before. Such a call
presses what once led to the nearest prompt with keys left: calls that begin alike and press alike go alike.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.dialogue.turn import Heard, Language
from tests.dialogs.conftest import Line
from tests.dialogs.keypad import ENDS, Key, Prompt, is_reprompt, keys_at, names_of, prompt_of

# In less than this nobody's account changes by itself, and no limit of a session is met.
LONGEST_CALL = 36
# Who has not come to a new key by so many known ones is not on the way that was meant.
LONGEST_WAY = 10
# So many ways to a prompt are remembered: what others did since may have closed one.
MOST_WAYS = 4
# A question that is not answered is asked in other words, and then a person comes.
MOST_REPEATS = 6
# Nobody may end up here by a key that was offered.
LOST = {"utter_not_expected", "utter_not_understood", "utter_default", "utter_talk_silent_goodbye", "?"}
OTHER_LANGUAGE = Prompt("the other language", "hang_up", "", (), "")


@dataclass
class Caller:
    """One call that was greeted; `on_paper` fills in what the caller has there: `{account}`, `{pin}`.

    `card` is the token of the card that is keyed, by default a new one each time.
    `taken_cents` is what the processor took from anybody so far, `posted_cents` what the ledger has of it.
    """

    line: Line
    on_paper: Callable[[str], str]
    taken_cents: Callable[[], int] = lambda: 0
    posted_cents: Callable[[], int] = lambda: 0
    card: str = ""


@dataclass
class Walk:
    """`call` begins a call of somebody new; `start` is pressed at once. Only `wishes` are followed, all when
    there are none; with `only_here` nothing is pressed at other prompts than the first.

    `tried` are keys that need no second try, by place and label; walks of one language share them.
    """

    call: Callable[[], Caller]
    language: Language
    wishes: frozenset[str] = frozenset()
    start: tuple[str, ...] = ()
    only_here: bool = False
    tried: set[tuple[str, str]] = field(default_factory=set)
    most_keys: int = 5000
    pressed: int = 0
    calls: int = 0
    heard: set[str] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)
    left: dict[Prompt, list[Key]] = field(default_factory=dict)
    # Every prompt that a key led to: which one it is hangs on what was pressed before.
    ways: dict[Prompt, dict[Key, list[Prompt]]] = field(default_factory=dict)
    # What was looked for along `ways` once: what was done since may have closed the way.
    detours: set[tuple[Prompt, Key]] = field(default_factory=set)
    # The keys of calls that led to a prompt, the fewest first; those that did not lead there again are stale,
    # and a prompt whose ways are all stale is given up.
    known: dict[Prompt, list[tuple[Key, ...]]] = field(default_factory=dict)
    stale: set[tuple[Prompt, tuple[Key, ...]]] = field(default_factory=set)

    def run(self) -> Walk:
        """Walk until there is nothing left to press, or `most_keys` were pressed."""
        self._one_call(())
        while self.pressed < self.most_keys and (target := self._nearest_with_keys_left()) is not None:
            before, way = list(self.left[target]), self.known[target][0]
            self._one_call(way)
            if self.left[target] == before:
                self.known[target].remove(way)
                self.stale.add((target, way))
        return self

    @property
    def not_pressed(self) -> list[str]:
        """What was offered and could not be reached again, or not within `most_keys`."""
        return [f"{key.label} at {prompt}" for prompt, keys in self.left.items() for key in keys]

    def _nearest_with_keys_left(self) -> Prompt | None:
        left = [prompt for prompt, keys in self.left.items() if keys and self.known[prompt]]
        return min(left, key=lambda each: len(self.known[each][0]), default=None)

    def _learn(self, prompt: Prompt, way: tuple[Key, ...]) -> None:
        ways = self.known.setdefault(prompt, [])
        if way not in ways and (prompt, way) not in self.stale:
            ways.append(way)
            ways.sort(key=len)
            del ways[MOST_WAYS:]

    def _one_call(self, known: tuple[Key, ...]) -> None:
        """A call that presses the known keys first, and then what is left from there."""
        self.calls += 1
        caller = self.call()
        for keys in self.start:
            self._hear(caller, keys)
        here, is_spent, heading, steps = self._meet(caller, "", "a call"), False, None, 0
        pressed: list[Key] = []
        self._learn(here, ())
        # Who comes the long way presses one key there.
        last = min(self.pressed + max(LONGEST_CALL, len(known) + 1), self.most_keys)
        while here.kind not in ENDS and self.pressed < last:
            if len(pressed) < len(known):
                key = known[len(pressed)]
            elif self.left[here]:
                key, heading, steps = self.left[here].pop(0), None, 0
            elif is_spent or steps > LONGEST_WAY or (step := self._towards_news(here, heading)) is None:
                return
            else:
                (key, heading), steps = step, steps + 1
            pressed.append(key)
            here, is_spent = self._press_and_look(caller, here, key), is_spent or key.is_deed
            self._learn(here, tuple(pressed))

    def _towards_news(self, start: Prompt, heading: Prompt | None) -> tuple[Key, Prompt] | None:
        """The first key of the shortest known way to a prompt with keys left, and that prompt."""
        first: dict[Prompt, Key] = {}
        seen, queue = {start}, deque([start])
        while queue:
            prompt = queue.popleft()
            news = (prompt, self.left[prompt][0]) if self.left.get(prompt) else None
            if news is not None and (prompt == heading or news not in self.detours):
                self.detours.add(news)
                return first[prompt], prompt
            for key, led_to in self.ways.get(prompt, {}).items():
                for then in [each for each in led_to if each not in seen]:
                    seen.add(then)
                    first[then] = first.get(prompt, key)
                    queue.append(then)
        return None

    def _press_and_look(self, caller: Caller, here: Prompt, key: Key) -> Prompt:
        """Where a key leads; what answers nothing is pressed until somebody helps."""
        before, where = caller.taken_cents(), f"{key.label} ({key.keys}) at {here}"
        then, repeats = self._press(caller, here, key), 1
        while key.is_no_answer and then == here and not caller.line.expect.is_person_offered:
            if repeats == MOST_REPEATS:
                self.troubles.append(f"{where} is asked for ever: {caller.line.said}")
                break
            then, repeats = self._press(caller, here, key), repeats + 1
        is_yes = here.kind == "confirm" and key.is_deed
        if caller.taken_cents() != before and not is_yes:
            self.troubles.append(f"{where} took money without a yes: {caller.line.said}")
        if caller.taken_cents() != caller.posted_cents():
            self.troubles.append(f"{where} left the ledger with another sum than the processor took")
        return then

    def _press(self, caller: Caller, here: Prompt, key: Key) -> Prompt:
        self.pressed += 1
        self._hear(caller, key.keys)
        where = f"{key.label} ({key.keys}) at {here}"
        if key.label.startswith("change_language"):
            then = self._in_the_other_language(caller, where)
        elif is_reprompt(caller.line.replies[-1], self.language):
            then = here
        else:
            then = self._meet(caller, here.wish if key.wish is None else key.wish, where, key)
        if key.label in ("again", "slower") and then != here:
            self.troubles.append(f"{where} leads to {then}")
        led_to = self.ways.setdefault(here, {}).setdefault(key, [])
        if then not in led_to:
            led_to.append(then)
        return then

    def _hear(self, caller: Caller, keys: str) -> None:
        said = caller.on_paper(keys)
        if caller.line.expect.kind == "new_card":
            # Everybody has a card of their own: one that belongs to another account is refused.
            own = f"pm_{caller.line.session_id}_{self.pressed}_keyed"
            caller.line.key_card(said, card=caller.card or own)
        elif re.search("[a-z]", said):
            caller.line.speak(said)
        else:
            caller.line.hear(Heard("keys", said))

    def _meet(self, caller: Caller, wish: str, where: str, key: Key | None = None) -> Prompt:
        """Notes what was heard and what is wrong with it; returns the question that it ends with."""
        replies = caller.line.replies
        names = [name for reply in replies for name in names_of(reply, self.language)]
        self.heard |= set(names)
        prompt = prompt_of(replies, self.language, wish)
        if prompt.kind in ("open", "nothing"):
            self.troubles.append(f"{where} is a dead end: {caller.line.said}")
        if "?" in names or (key is not None and key.goes_on and LOST & set(names)):
            self.troubles.append(f"{where} led to {names}: {caller.line.said}")
        if prompt not in self.left:
            is_left_alone = prompt.kind in ENDS or (self.only_here and key is not None)
            self.left[prompt] = [] if is_left_alone else self._new_keys(caller, prompt)
        return prompt

    def _in_the_other_language(self, caller: Caller, where: str) -> Prompt:
        other: Language = "en" if self.language == "es" else "es"
        names = [name for reply in caller.line.replies for name in names_of(reply, other)]
        if "?" in names:
            self.troubles.append(f"{where} led to {names}: {caller.line.said}")
        self.heard |= set(names)
        return OTHER_LANGUAGE

    def _new_keys(self, caller: Caller, prompt: Prompt) -> list[Key]:
        keys = []
        for key in keys_at(prompt, caller.line.expect):
            if self.wishes and key.wish is not None and key.wish not in self.wishes:
                continue
            if not key.goes_on:
                # The same answer for every wish and every account.
                where = f"{prompt.kind} {prompt.secret}" if key.once_for_kind else prompt.name
                if (where, key.label) in self.tried:
                    continue
                self.tried.add((where, key.label))
            keys.append(key)
        return keys

"""Reads the one day on which a member wants to pay later, in English and Spanish. Pure; None when unsure.

What each form means stands in `date_meanings`. The day is read back in full before anything is scheduled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from assistant.dialogue.date_meanings import Asked
from assistant.dialogue.date_rules import RULES
from assistant.dialogue.date_words import plain_date_text
from assistant.money import Language

LONGEST_AHEAD = timedelta(days=366)
_TAKEN = "§"
# Said of the past, of every week, of roughly, or asked: no single day to come is named.
_SPOILERS = re.compile(
    r"\b(?:yesterday|ago|last (?:night|week|month|year|\w+day)|ayer|anteayer|anoche|hace \d+"
    r"|pasado(?! manana)|pasada|every|each|cada|todos los|todas las"
    r"|los (?:lunes|martes|miercoles|jueves|viernes|sabados|domingos)"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days|weekly|monthly|weekends?|fin de semana"
    r"|around (?:the|\w+day)|roughly|sometime|business days|dias habiles|since"
    r"|it was|did|(?<!get )(?<!gets )(?<!getting )paid|spent|(?:was|were) charged|ya pague|cobraron"
    r"|(?:when|what)(?: is|s| was) (?:the |my |it )?(?:\w+ )?due"
    r"|cuando (?:me |se )?vence|cuando es|que dia)\b"
)
# Left over beside a day they say that more was meant than was read.
_LOOSE_TIME = re.compile(
    r"\b(?:next week|next month|proxim[ao] (?:semana|mes)|(?:semana|mes) que viene"
    r"|(?:[4-9]|[12]\d|3[01])th)\b"
)
_BOUND = re.compile(
    r"\b(?:before|after|later than|earlier than|from|since|desde|antes|despues|prior|a partir)"
    r"(?: de| del| que| to| the| el| on)*$"
)
_NEGATED = re.compile(
    r"\b(?:not|dont|cant|cannot|wont|instead of|rather than|en vez de|en lugar de)(?: \w+){0,4} ?$"
)
_NEGATED_ES = re.compile(r"\bno(?: (?:puedo|quiero|pagar|me|lo|es|el|pagarlo|para|voy|a))* ?$")
_CORRECTED = re.compile(
    r"\b(?:no|wait|sorry|actually|i mean|i meant|make it|make that|rather|instead"
    r"|better|perdon|digo|mejor|sino"
    r"|espera|espere|quiero decir|mejor dicho)\b"
)
_CHANGED = re.compile(r"\b(?:change|move|switch|push|cambi\w+|muev\w+|mover|pas\w+)\b.*\b(?:from|del?) $")
_JOINED_LAST = re.compile(r"\b(?:or|o|and|y|u)(?: (?:on|the|el|maybe))* ?$")


@dataclass(frozen=True)
class _Mention:
    """A day named at `text[start:end]`; `day` is None when it could not be told for sure."""

    start: int
    end: int
    day: date | None


def read_date(text: str, language: Language, today: date, due_on: date | None) -> date | None:
    """The day named in a text, from today to a year ahead; `today` is the date in the co-op's zone.

    `due_on` is needed for days counted from the due date. None for no day, two days, a day in the past, a day
    that does not exist, and forms that people mean in different ways.
    """
    plain = plain_date_text(text, language)
    if _SPOILERS.search(plain):
        return None
    mentions, rest = _mentions_in(plain, Asked(today, due_on, language))
    wanted = [mention for mention in mentions if not _is_negated(plain, mention, mentions)]
    if not wanted or _LOOSE_TIME.search(rest) or any(_is_doubtful(plain, mention) for mention in wanted):
        return None
    found = wanted[0]
    for following in wanted[1:]:
        if following.day != found.day and not _is_corrected(plain, found, following):
            return None
        found = following
    is_in_reach = found.day is not None and today <= found.day <= today + LONGEST_AHEAD
    return found.day if is_in_reach else None


def _mentions_in(plain: str, asked: Asked) -> tuple[list[_Mention], str]:
    """All days named, in the order of the text, and the text with them blotted out."""
    mentions = []
    rest = plain
    for form, meaning in RULES:
        for match in form.finditer(rest):
            mentions.append(_Mention(match.start(), match.end(), meaning(match, asked)))
        rest = form.sub(lambda match: _TAKEN * len(match.group()), rest)
    return sorted(mentions, key=lambda mention: mention.start), rest


def _is_doubtful(plain: str, mention: _Mention) -> bool:
    """No such day, or only a bound: `before friday`, `after the 15th`."""
    return mention.day is None or _is_bound(plain, mention)


def _is_bound(plain: str, mention: _Mention) -> bool:
    before = plain[: mention.start]
    return bool(_BOUND.search(before.rstrip())) and not _CHANGED.search(before)


def _is_negated(plain: str, mention: _Mention, mentions: list[_Mention]) -> bool:
    floor = max((other.end for other in mentions if other.end <= mention.start), default=0)
    clause = re.split(r"[.,;!?]|\bbut\b|\bpero\b|\bsino\b", plain[floor : mention.start])[-1]
    is_plain_no = clause.strip() == "no"
    return bool(_NEGATED.search(clause) or (_NEGATED_ES.search(clause) and not is_plain_no))


def _is_corrected(plain: str, first: _Mention, second: _Mention) -> bool:
    """Whether the second day takes the place of the first: `friday, no, monday`, `from the 7th to the 8th`"""
    between = plain[first.end : second.start]
    if _CHANGED.search(plain[: first.start]) and between.strip() in ("to", "a", "al", "para", "to the"):
        return True
    if _JOINED_LAST.search(between) and not re.search(r"\bor (?:rather|actually)\b", between):
        return False
    return bool(_CORRECTED.search(between) or re.match(r" instead\b(?! of)", plain[second.end :]))

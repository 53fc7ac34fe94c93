"""Cuts what a member wrote or said into numbers, words and signs, for the grammars. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

TokenKind = Literal["number", "word", "sign"]
Phrase = tuple[str, ...]

# A number keeps the separators inside it, so that 12/3, 5:30, 1,234.50 and 706.555.0101 stay one thing.
_TOKEN = re.compile(r"(?P<number>[0-9](?:[0-9.,:/]*[0-9])?)|(?P<word>[^\W_]+(?:'[^\W_]+)*)|(?P<sign>\S)")
_LETTERS = re.compile(r"[^0-9]+")
_SAME_SIGN = str.maketrans(
    {**dict.fromkeys("‐‑‒–—―−", "-"), **dict.fromkeys("’‘ʼ`´", "'"), "＄": "$", "﹩": "$"}
)


@dataclass(frozen=True)
class Token:
    """One piece of a text. `text` is lower case without accents or apostrophes; numbers are ASCII.

    `raw` still has its accents (`pagué` is not `pague`). `is_tight`: it touches the token before it.
    """

    kind: TokenKind
    text: str
    raw: str
    is_tight: bool


def tokens_of(text: str) -> list[Token]:
    """The tokens of any text, left to right; never raises."""
    plain = _with_plain_signs(text)
    tokens: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(plain):
        start = match.start()
        for kind, piece in _pieces(match):
            tokens.append(Token(kind, _without_accents(piece).replace("'", ""), piece, start == end))
            start = end = start + len(piece)
    return tokens


class Phrases:
    """A set of phrases that can be looked for at a place or right before it."""

    def __init__(self, known: Iterable[Phrase]) -> None:
        self._by_first: dict[str, list[Phrase]] = {}
        self._by_last: dict[str, list[Phrase]] = {}
        for phrase in sorted(set(known), key=len, reverse=True):
            self._by_first.setdefault(phrase[0], []).append(phrase)
            self._by_last.setdefault(phrase[-1], []).append(phrase)

    @property
    def words(self) -> frozenset[str]:
        """Every word of every phrase."""
        return frozenset(word for known in self._by_first.values() for phrase in known for word in phrase)

    def length_at(self, tokens: Sequence[Token], place: int) -> int:
        """How many tokens the longest phrase takes that begins at `place`, 0 for none."""
        known = self._by_first.get(word_at(tokens, place), ())
        return next((len(phrase) for phrase in known if _is_at(tokens, place, phrase)), 0)

    def length_before(self, tokens: Sequence[Token], place: int, floor: int = 0) -> int:
        """The same for a phrase that ends right before `place` and does not begin before `floor`."""
        known = self._by_last.get(word_at(tokens, place - 1), ())
        fitting = (phrase for phrase in known if place - len(phrase) >= floor)
        return next((len(phrase) for phrase in fitting if _is_at(tokens, place - len(phrase), phrase)), 0)


def phrases(*lines: str) -> Phrases:
    """`"a b, c"` -> the phrases `a b` and `c`: phrases are parted by commas, words by spaces."""
    return Phrases(tuple(phrase.split()) for line in lines for phrase in line.split(",") if phrase.split())


def _is_at(tokens: Sequence[Token], place: int, phrase: Phrase) -> bool:
    return all(word_at(tokens, place + step) == word for step, word in enumerate(phrase))


def word_at(tokens: Sequence[Token], place: int) -> str:
    """The text of the token at `place`, empty outside the text."""
    return tokens[place].text if 0 <= place < len(tokens) else ""


def _with_plain_signs(text: str) -> str:
    """Lower case, every decimal digit in ASCII, one kind of dash and apostrophe; keycap and emoji marks gone.

    Superscripts and fractions are kept as they are: 50² and 50½ must not turn into 502 and 5012.
    """
    plain = []
    for sign in unicodedata.normalize("NFC", text).translate(_SAME_SIGN).lower():
        if unicodedata.category(sign) == "Nd":
            plain.append(str(unicodedata.digit(sign)))
        elif unicodedata.category(sign) not in ("Me", "Mn"):
            plain.append(sign)
    return "".join(plain)


def _pieces(match: re.Match[str]) -> Iterable[tuple[TokenKind, str]]:
    """A match as tokens: digits that touch letters (`5pm`, `card4242`) are taken apart but stay tight."""
    word = match.group("word")
    if word is None:
        kind: TokenKind = "number" if match.group("number") else "sign"
        yield kind, match.group()
        return
    for piece in re.findall(r"[0-9]+|[^0-9]+", word):
        yield ("word" if _LETTERS.fullmatch(piece) else "number"), piece


def _without_accents(word: str) -> str:
    split = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in split if not unicodedata.combining(letter))

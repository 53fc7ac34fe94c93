"""Mends typing errors: a word that nobody knows becomes the word of ours that it must have been.

Only words are mended that neither our examples nor the encoder's vocabulary hold, so that names and words of
other trades stay what they are. What is mended is read by the recogniser of intents alone.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from typing import Dict, Iterable, List, Optional, Set

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_VOWELS = re.compile("[aeiou]")
# Shorter words have too many neighbours to tell which was meant.
_SHORTEST = 4
# A word is put in place of another only if our examples use it this often.
_COMMON, _VERY_COMMON = 3, 20
_SHORTEST_WITHOUT_VOWELS = 3


def letters_of(text: str) -> List[str]:
    """The words of a text in plain letters, without accents."""
    return [_bare(word) for word in _WORD.findall(text)]


class Spelling:
    """Knows how often our examples use each word (`counts`), and words that are right without being ours."""

    def __init__(self, counts: Dict[str, int], right: Iterable[str]) -> None:
        self.counts = counts
        self._common = {word for word, count in counts.items() if count >= _COMMON and len(word) > 1}
        self._known: Set[str] = {word for word, count in counts.items() if count > 1} | set(right)
        self._by_consonants: Dict[str, List[str]] = defaultdict(list)
        for word in self._common:
            if len(word) > _SHORTEST:
                self._by_consonants[_consonants(word)].append(word)

    @classmethod
    def of(cls, texts: Iterable[str], right: Iterable[str]) -> "Spelling":
        return cls(dict(Counter(word for text in texts for word in letters_of(text))), right)

    def mended(self, text: str) -> str:
        """The text with its unknown words mended; what cannot be mended stays."""
        return _WORD.sub(lambda match: self._mend(match.group()), text)

    def _mend(self, word: str) -> str:
        bare = _bare(word)
        if len(bare) < _SHORTEST or bare in self._known or "'" in bare or not bare.isascii():
            return word
        return self._one_slip(bare) or self._without_vowels(bare) or self._run_together(bare) or word

    def _one_slip(self, word: str) -> Optional[str]:
        """`blance` and `shcedule`; the first letter is seldom wrong, except when it changed places."""
        near = [
            other
            for other in _one_slip_away(word) & self._common
            if len(other) >= _SHORTEST - 1 and (other[0] == word[0] or other[:2] == word[1::-1])
        ]
        return self._most_used(near)

    def _without_vowels(self, word: str) -> Optional[str]:
        """`pymnt` and `blnc`, as people save letters."""
        consonants = _consonants(word)
        if len(consonants) < _SHORTEST_WITHOUT_VOWELS:
            return None
        return self._most_used([other for other in self._by_consonants[consonants] if len(other) > len(word)])

    def _run_together(self, word: str) -> Optional[str]:
        """`mybill`: a lost space between two words that are used a lot."""
        pairs = [(word[:place], word[place:]) for place in range(2, len(word) - 1)]
        used = {
            f"{first} {second}": min(self.counts[first], self.counts[second])
            for first, second in pairs
            if first in self._common and second in self._common
        }
        best = max(used, key=used.__getitem__, default=None)
        return best if best is not None and used[best] >= _VERY_COMMON else None

    def _most_used(self, words: Iterable[str]) -> Optional[str]:
        # By name where counts are equal, so that two trainings mend alike.
        return max(words, key=lambda word: (self.counts[word], word), default=None)


def _one_slip_away(word: str) -> Set[str]:
    """Every row of letters that is one dropped, doubled, changed or exchanged letter away."""
    splits = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    shorter = {head + tail[1:] for head, tail in splits if tail}
    exchanged = {head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1}
    changed = {head + letter + tail[1:] for head, tail in splits if tail for letter in _LETTERS}
    longer = {head + letter + tail for head, tail in splits for letter in _LETTERS}
    return shorter | exchanged | changed | longer


def _consonants(word: str) -> str:
    return word[0] + _VOWELS.sub("", word[1:])


def _bare(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))

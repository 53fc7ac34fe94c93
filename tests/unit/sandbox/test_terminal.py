"""What is typed in a terminal becomes keys, speech or silence, and nothing else."""

from __future__ import annotations

import pytest

from assistant.sandbox.terminal import read_entry


@pytest.mark.parametrize("keys", ["1", "1000000001#", "84*20#", "*", "0"])
def test_keys_are_handed_over_as_a_whole(keys: str) -> None:
    given = read_entry(f" {keys} ")
    assert (given.keys, given.is_done, given.speech, given.silence) == (keys, True, "", False)


def test_words_after_say_are_speech() -> None:
    assert read_entry("say  pay my bill ").speech == "pay my bill"


def test_silence_is_silence() -> None:
    assert read_entry("silence").silence


@pytest.mark.parametrize("entry", ["", "say", "say  ", "pay my bill", "12 34", "1a", "silences"])
def test_anything_else_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=f"^{entry}$"):
        read_entry(entry)

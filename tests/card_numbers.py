"""Generated card numbers, bare and in every writing that a member might use."""

from __future__ import annotations

from hypothesis import strategies as st

# Prefix and length of the networks that a US member may hold.
KINDS = [
    *[("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15)],
    *[("6011", 16), ("65", 16), ("36", 14), ("3528", 16), ("62", 19), ("4", 13)],
]
_ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_SPANISH = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"]
ENGLISH = dict(zip("0123456789", _ENGLISH, strict=True))
SPANISH = dict(zip("0123456789", _SPANISH, strict=True))
FULL_WIDTH = {str(digit): chr(0xFF10 + digit) for digit in range(10)}
KEYCAPS = {str(digit): f"{digit}\ufe0f\u20e3" for digit in range(10)}


def complete(start: str) -> str:
    """`start` with its Luhn check digit."""
    total = 0
    for place, digit in enumerate(reversed(start)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return start + str(-total % 10)


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    """A card number of a known network, as bare digits."""
    prefix, length = draw(st.sampled_from(KINDS))
    missing = length - len(prefix) - 1
    middle = draw(st.text("0123456789", min_size=missing, max_size=missing))
    return complete(prefix + middle)


def writings(number: str) -> list[str]:
    """The number in every writing the product must recognise."""
    fours = [number[place : place + 4] for place in range(0, len(number), 4)]
    return [
        number,
        *(separator.join(fours) for separator in (" ", "-", ".", " - ", "/", "\u2013", "\n")),
        " ".join(number),
        "".join(FULL_WIDTH[digit] for digit in number),
        " ".join("".join(FULL_WIDTH[digit] for digit in four) for four in fours),
        "".join(KEYCAPS[digit] for digit in number),
        " ".join(ENGLISH[digit] for digit in number),
        ", ".join(SPANISH[digit] for digit in number).title(),
        "-".join(ENGLISH[digit] for digit in number),
        "".join(ENGLISH[digit] for digit in number),
        " ".join(" ".join(ENGLISH[d] for d in four) if i % 2 else four for i, four in enumerate(fours)),
        " ".join(" ".join(SPANISH[d] for d in four) if i % 2 else four for i, four in enumerate(fours)),
    ]


@st.composite
def written_cards(draw: st.DrawFn) -> tuple[str, str]:
    """A card number and one writing of it."""
    number = draw(card_numbers())
    return number, draw(st.sampled_from(writings(number)))

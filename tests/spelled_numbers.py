"""Writes whole numbers as words, so that tests can ask whether the grammars read them back."""

from __future__ import annotations

_EN_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ES_SMALL = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
]
_ES_TENS = ["_", "_", "_", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"]
_ES_HUNDREDS = [
    "_",
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
]


def in_english(number: int, joint: str = " and ", dash: str = " ") -> str:
    """`120` -> `one hundred and twenty`, for 0..9,999."""
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        return f"{in_english(thousands)} thousand" + (f" {in_english(rest, joint, dash)}" if rest else "")
    if number >= 100:
        hundreds, rest = divmod(number, 100)
        return f"{_EN_SMALL[hundreds]} hundred" + (f"{joint}{in_english(rest, joint, dash)}" if rest else "")
    if number < 20:
        return _EN_SMALL[number]
    tens, unit = divmod(number, 10)
    return _EN_TENS[tens] + (f"{dash}{_EN_SMALL[unit]}" if unit else "")


def in_spanish(number: int) -> str:
    """`120` -> `ciento veinte`, for 0..9,999."""
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        head = "mil" if thousands == 1 else f"{in_spanish(thousands)} mil"
        return head + (f" {in_spanish(rest)}" if rest else "")
    if number == 100:
        return "cien"
    if number > 100:
        hundreds, rest = divmod(number, 100)
        return _ES_HUNDREDS[hundreds] + (f" {in_spanish(rest)}" if rest else "")
    if number < 30:
        return _ES_SMALL[number]
    tens, unit = divmod(number, 10)
    return _ES_TENS[tens] + (f" y {_ES_SMALL[unit]}" if unit else "")

"""Reads a utility's CSV file strictly: every cell is checked, every problem names its row and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from assistant.errors import ImportRejected
from assistant.money import CENTS_PER_DOLLAR

# Where a problem is of the whole file.
_WHOLE_FILE = "file"
# Two decimals always: "84.2" may be a cut-off "84.25", and commas mean thousands here and cents elsewhere.
_AMOUNT = re.compile(r"(\d{1,7})\.(\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YES_NO = {"": False, "no": False, "n": False, "false": False, "0": False}
_YES_NO |= {"yes": True, "y": True, "true": True, "1": True}

Problem = tuple[int, str, str]
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Row:
    """One line of cells, with the number a spreadsheet shows (the header is 1). Bad cells go to `problems`.

    After a problem a method returns something of the right type: the file is refused anyway.
    """

    number: int
    cells: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    def has(self, column: str) -> bool:
        """Whether the file has this column at all."""
        return column in self.cells

    def wrong(self, column: str, problem: str) -> None:
        """Note that the cell is not usable."""
        self.problems.append((self.number, column, problem))

    def words(self, column: str, longest: int, *, is_optional: bool = False) -> str:
        """Printable text of 1 (or 0) to `longest` characters."""
        value = self.cells.get(column, "")
        if not value and not is_optional:
            self.wrong(column, "is empty")
        elif len(value) > longest:
            self.wrong(column, f"is longer than {longest} characters")
        elif not value.isprintable():
            self.wrong(column, "has a line break or another character that cannot be printed")
        return value

    def digits(self, column: str, length: int, *, is_optional: bool = False) -> str:
        """Exactly `length` digits. Spreadsheets drop leading zeros, so a shorter number is a problem."""
        value = self.cells.get(column, "")
        if (value or not is_optional) and not (value.isascii() and value.isdigit() and len(value) == length):
            self.wrong(column, f"is not a number of {length} digits")
        return value

    def zip_code(self, column: str) -> str:
        """Five digits; of ZIP+4 the first five."""
        value = self.cells.get(column, "")
        if re.fullmatch(r"\d{5}(-\d{4})?", value, re.ASCII) is None:
            self.wrong(column, "is not a ZIP code of 5 digits")
        return value[:5]

    def one_of(self, column: str, known: tuple[str, ...], default: str) -> str:
        """One of a few words; an empty cell is the default."""
        value = self.cells.get(column, "").lower() or default
        if value not in known:
            self.wrong(column, f"is not one of {', '.join(known)}")
        return value

    def yes_no(self, column: str) -> bool:
        """yes/no, true/false, 1/0; an empty cell is no."""
        value = _YES_NO.get(self.cells.get(column, "").lower())
        if value is None:
            self.wrong(column, "is not yes or no")
        return bool(value)

    def day(self, column: str) -> date:
        """A date as 2026-11-23."""
        value = self.cells.get(column, "")
        if _DAY.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                self.wrong(column, "is not a day of the calendar")
                return date.min
        self.wrong(column, "is not a date as 2026-11-23")
        return date.min

    def cents(self, column: str) -> int:
        """Dollars and cents as 1234.50, not negative; returned in cents."""
        match = _AMOUNT.fullmatch(self.cells.get(column, ""))
        if match is None:
            self.wrong(column, "is not an amount as 1234.50 (two decimals, no sign, comma or $)")
            return 0
        return int(match[1]) * CENTS_PER_DOLLAR + int(match[2])


def read_rows(
    path: Path, required: Iterable[str], parse: Callable[[Row], Parsed], *, key: str
) -> list[tuple[Row, Parsed]]:
    """Every row with what `parse` made of it. Raises ImportRejected with all problems of the file at once.

    The file is UTF-8 (a BOM is fine) with commas, quotes and any line ends; other columns are ignored.
    `key` is the column that no two rows may share.
    """
    header, *lines = _table(path)
    columns = [name.strip().lower() for name in header]
    _refuse_if(path, _header_problems(columns, required))
    rows, ragged = [], []
    for number, cells in enumerate(lines, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) == len(columns):
            row = Row(number, dict(zip(columns, (cell.strip() for cell in cells), strict=True)))
            rows.append((row, parse(row)))
        else:
            ragged.append((number, _WHOLE_FILE, f"has {len(cells)} cells, the header has {len(columns)}"))
    _note_repeats([row for row, _ in rows], key)
    _refuse_if(path, ragged + _problems_of(rows))
    return rows


def refuse_bad_rows(path: Path, rows: Iterable[tuple[Row, object]]) -> None:
    """Raise ImportRejected with everything that was found wrong after reading."""
    _refuse_if(path, _problems_of(rows))


def _problems_of(rows: Iterable[tuple[Row, object]]) -> list[Problem]:
    return [problem for row, _ in rows for problem in row.problems]


def _refuse_if(path: Path, problems: list[Problem]) -> None:
    if problems:
        raise ImportRejected(path.name, sorted(problems, key=lambda problem: problem[0]))


def _table(path: Path) -> list[list[str]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImportRejected(path.name, [(0, _WHOLE_FILE, "cannot be read")]) from error
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise ImportRejected(
            path.name, [(row, _WHOLE_FILE, "is not UTF-8: save the file as CSV UTF-8")]
        ) from None
    reader = csv.reader(io.StringIO(words, newline=""), strict=True)
    try:
        table = list(reader)
    except csv.Error as error:
        raise ImportRejected(path.name, [(reader.line_num, _WHOLE_FILE, f"is not CSV: {error}")]) from None
    if not table:
        raise ImportRejected(path.name, [(1, _WHOLE_FILE, "is empty")])
    return table


def _header_problems(header: list[str], required: Iterable[str]) -> list[Problem]:
    missing = [(1, name, "this column is missing") for name in required if name not in header]
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    return missing + [(1, name, "this column is there twice") for name in repeated]


def _note_repeats(rows: list[Row], key: str) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        value = row.cells[key]
        if value in seen:
            row.wrong(key, f"is also in row {seen[value]}")
        seen.setdefault(value, row.number)

"""places.csv: where bills can be paid in cash. The file is the whole list: a place not in it is gone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select

from assistant.billing.csv_rows import Row, read_rows
from assistant.billing.import_report import FileCount, apply_changes
from assistant.billing.models import PayPlace
from assistant.db import Database

_COLUMNS = ("place_number", "name", "street", "city", "zip", "open_days", "opens", "closes", "fee")
_OPEN_DAYS = ("every_day", "weekdays", "not_sunday")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def import_places(db: Database, path: Path) -> FileCount:
    """Take the file as a whole. Raises ImportRejected."""
    rows = [one for _, one in read_rows(path, _COLUMNS, _parse, key="place_number")]
    count = FileCount()
    with db.write() as tx:
        known = {row.place_number: row for row in tx.scalars(select(PayPlace))}
        for one in rows:
            place = known.get(one["place_number"])
            if place is None:
                tx.add(PayPlace(**one))
                count.new += 1
            else:
                count.note(is_changed=apply_changes(place, one))
        gone = known.keys() - {one["place_number"] for one in rows}
        tx.execute(delete(PayPlace).where(PayPlace.place_number.in_(gone)))
        count.changed += len(gone)
    return count


def _parse(row: Row) -> dict[str, Any]:
    return {
        "place_number": row.words("place_number", 32),
        # Short enough for two places in one text.
        "name": row.words("name", 30),
        "street": row.words("street", 30),
        "city": row.words("city", 30),
        "zip": row.zip_code("zip"),
        "open_days": row.one_of("open_days", _OPEN_DAYS, default="every_day"),
        "opens": _time(row, "opens"),
        "closes": _time(row, "closes"),
        "fee_cents": row.cents("fee"),
    }


def _time(row: Row, column: str) -> str:
    value = row.cells[column]
    if _TIME.fullmatch(value) is None:
        row.wrong(column, "is not a time as 08:00")
        return "00:00"
    return value

"""What an import changed, and the small steps that its three files share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from assistant.db import Base, pages

Model = TypeVar("Model", bound=Base)


@dataclass
class FileCount:
    """Rows of one file: taken for the first time, changed, and known as they are."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def note(self, *, is_changed: bool) -> None:
        """Count a row that was known before."""
        if is_changed:
            self.changed += 1
        else:
            self.unchanged += 1


@dataclass(frozen=True)
class ImportReport:
    """What came of the three files."""

    members: FileCount
    accounts: FileCount
    statements: FileCount


def find_by(
    tx: Session, model: type[Model], column: InstrumentedAttribute[str], keys: Sequence[str]
) -> dict[str, Model]:
    """The rows of a table by a text key, in a few queries however many keys there are."""
    found: dict[str, Model] = {}
    for page in pages(keys):
        for row in tx.scalars(select(model).where(column.in_(page))):
            found[getattr(row, column.key)] = row
    return found


def apply_changes(row: Base, values: dict[str, Any]) -> bool:
    """Set what differs; False when nothing does."""
    changes = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changes.items():
        setattr(row, name, value)
    return bool(changes)

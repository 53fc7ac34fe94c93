"""Where a bill can be paid in cash: the places of the co-op's list, the nearest by ZIP first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from assistant.billing.models import Account, PayPlace, ServiceLocation
from assistant.db import Database


@dataclass(frozen=True)
class PlaceView:
    """One place. `open_days` is every_day, weekdays or not_sunday; all day when both times are one."""

    name: str
    street: str
    city: str
    open_days: str
    opens: time
    closes: time
    fee_cents: int


@dataclass(frozen=True)
class PlacePage:
    """A few places, and whether more follow."""

    places: tuple[PlaceView, ...]
    has_more: bool


class Places:
    """Reads the list of places that `porchlight import --places` takes."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def near(self, account_id: int | None, *, skip: int = 0, size: int) -> PlacePage:
        """Places in the account's ZIP first, then the rest by name; without an account by name."""
        with self._db.read() as tx:
            here = set() if account_id is None else _zips(tx, account_id)
            rows = tx.scalars(
                select(PayPlace)
                .order_by(case((PayPlace.zip.in_(here), 0), else_=1), PayPlace.name, PayPlace.id)
                .offset(skip)
                .limit(size + 1)
            ).all()
        views = tuple(_view(row) for row in rows[:size])
        return PlacePage(views, len(rows) > size)


def _zips(tx: Session, account_id: int) -> set[str]:
    """Where the member lives and where the power goes."""
    locations = select(ServiceLocation.zip).where(ServiceLocation.account_id == account_id)
    billing = select(Account.billing_zip).where(Account.id == account_id)
    return {*tx.scalars(locations), *tx.scalars(billing)}


def _view(row: PayPlace) -> PlaceView:
    return PlaceView(
        row.name,
        row.street,
        row.city,
        row.open_days,
        time.fromisoformat(row.opens),
        time.fromisoformat(row.closes),
        row.fee_cents,
    )

"""Keeps the codes printed on paper bills as hashes, for the nightly import."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from assistant.billing.models import Account
from assistant.db import Database, insert_once
from assistant.identity.hashing import ENROLLMENT_CODE_HASHER, is_match
from assistant.identity.models import AccountSecret

# Hashing leaves Python's lock, so a few threads share the work of a large file.
_THREADS = 4
# Rows per INSERT: well below the count of parameters that a database takes.
_PAGE = 500


class EnrollmentCodes:
    """Tells which codes of a file are new, and keeps their hashes. Fills billing's CodeKeeper."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def changed(self, codes: dict[str, str]) -> dict[str, str]:
        """The hash for each account number whose code is new. About 0.5 ms each: no transaction is open."""
        with self._db.read() as tx:
            kept = tx.execute(
                select(Account.account_number, AccountSecret.enrollment_code_hash).join(
                    AccountSecret, AccountSecret.account_id == Account.id
                )
            ).all()
        stored = {row.account_number: row.enrollment_code_hash for row in kept}

        def hash_if_new(item: tuple[str, str]) -> tuple[str, str | None]:
            number, code = item
            known = stored.get(number)
            is_known = known is not None and is_match(ENROLLMENT_CODE_HASHER, known, code)
            return number, None if is_known else ENROLLMENT_CODE_HASHER.hash(code)

        with ThreadPoolExecutor(_THREADS) as pool:
            return {
                number: code_hash
                for number, code_hash in pool.map(hash_if_new, codes.items())
                if code_hash is not None
            }

    def keep(self, tx: Session, hashes: dict[int, str]) -> None:
        """Keep the hashes by account id, in the caller's transaction; a new code can be used once."""
        rows = [
            {
                "account_id": account_id,
                "enrollment_code_hash": code_hash,
                "enrollment_code_used_at": None,
            }
            for account_id, code_hash in hashes.items()
        ]
        for start in range(0, len(rows), _PAGE):
            page = rows[start : start + _PAGE]
            insert_once(tx, AccountSecret, page)
            # Also what was just inserted: the same values, and no need to know which rows were there.
            tx.execute(update(AccountSecret), page)

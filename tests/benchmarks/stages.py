"""What our service says of each turn: the engine's part by the transcript, the actions' by the log."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select

from assistant.db import Database
from assistant.dialogue.models import DialogueSession, TurnRecord


def engine_parts(db: Database, phones: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """Each phone's turns in order: id and milliseconds in the engine, its action calls included."""
    turns = (
        select(DialogueSession.phone, TurnRecord.id, TurnRecord.engine_ms)
        .join(DialogueSession, DialogueSession.id == TurnRecord.session_id)
        .where(DialogueSession.phone.in_(list(phones)))
        .order_by(DialogueSession.phone, TurnRecord.number)
    )
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    with db.read() as tx:
        for phone, turn_id, engine_ms in tx.execute(turns):
            found[phone].append((turn_id, engine_ms))
    return found


def action_parts(service_log: Path) -> dict[str, float]:
    """Milliseconds in action calls by turn id, added up from the service's log."""
    spent: dict[str, float] = defaultdict(float)
    with service_log.open(encoding="utf-8") as lines:
        for line in lines:
            if '"action"' in line and line.startswith("{"):
                entry = json.loads(line)
                if entry.get("event") == "action":
                    spent[entry["turn_id"]] += entry["ms"]
    return spent

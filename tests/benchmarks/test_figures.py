"""The benchmark's arithmetic; nothing here looks at a clock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.figures import Sample, Spread, compare, percentile, table_by_line, table_of
from tests.benchmarks.stages import action_parts


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(each) for each in range(1, 21)]
    assert percentile(values, 50) == 10
    assert percentile(values, 95) == 19
    assert percentile([7.0], 95) == 7
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(3, 2.0, 3.0, 3.0)
    with pytest.raises(ValueError, match="no turn was measured"):
        Spread.of([])


def test_our_share_is_the_turn_without_rasa_but_with_the_actions() -> None:
    turn = Sample("ours", 1, 1, 0, whole_ms=100, engine_ms=80, actions_ms=30)
    assert turn.rasa_ms == 50
    assert turn.share_ms == 50


def test_sides_are_compared_only_at_the_same_crowd() -> None:
    samples = [
        Sample("ours", 1, 1, 0, 50, 40, 10),
        Sample("stock", 1, 1, 0, 100),
        Sample("ours", 8, 1, 0, 300, 200, 50),
        Sample("stock", 8, 1, 0, 200),
    ]
    alone, crowd = compare(samples, 1), compare(samples, 8)
    assert (alone.ratio_p50, crowd.ratio_p95) == (0.5, 1.5)
    assert (alone.share.p50, alone.rasa.p50, alone.actions.p50) == (20, 30, 10)
    assert alone.as_json()["stock"]["p50"] == 100
    table = table_of([alone, crowd])
    assert "| 1 | our whole turn | 1 | 50.0 | 50.0 | 50.0 |" in table
    assert "| 8 | ours / stock | | 1.50 | 1.50 | |" in table
    assert table_by_line(samples, ["hello"], 1).endswith("| hello | 50 | 20 | 100 |")
    with pytest.raises(ValueError, match="no turn was measured"):
        compare(samples, 2)


def test_action_calls_are_added_up_by_turn(tmp_path: Path) -> None:
    entries = [
        {"event": "action", "turn_id": "turn_1", "ms": 10.5},
        {"event": "action", "turn_id": "turn_1", "ms": 4.5},
        {"event": "action", "turn_id": "turn_2", "ms": 1.0},
        {"event": "turn", "turn_id": "turn_1", "ms": 99},
    ]
    log = tmp_path / "service.log"
    log.write_text("a line of somebody else\n" + "".join(json.dumps(each) + "\n" for each in entries))
    assert dict(action_parts(log)) == {"turn_1": 15.0, "turn_2": 1.0}

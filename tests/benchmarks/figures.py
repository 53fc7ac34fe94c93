"""What is told of measured turns: percentiles, the ratio of two sides, and a table of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Sample:
    """One turn: whole milliseconds at the webhook; on our side also Rasa's part and that of the actions."""

    side: str
    members: int
    round: int
    line: int
    whole_ms: float
    engine_ms: float = 0.0
    actions_ms: float = 0.0

    @property
    def rasa_ms(self) -> float:
        """Rasa itself: the engine's time without the actions that called us back."""
        return max(self.engine_ms - self.actions_ms, 0.0)

    @property
    def share_ms(self) -> float:
        """Our share: signature, duplicates, redaction, session, actions, transcript and answer."""
        return max(self.whole_ms - self.rasa_ms, 0.0)


@dataclass(frozen=True)
class Spread:
    """Percentiles of one stage, in milliseconds."""

    count: int
    p50: float
    p95: float
    worst: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        ordered = sorted(values)
        if not ordered:
            raise ValueError("no turn was measured")
        return cls(len(ordered), percentile(ordered, 50), percentile(ordered, 95), ordered[-1])


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of sorted values: always one that was measured."""
    rank = math.ceil(percent / 100 * len(ordered))
    return ordered[max(rank, 1) - 1]


@dataclass(frozen=True)
class Comparison:
    """Both sides with so many members at once."""

    members: int
    ours: Spread
    stock: Spread
    share: Spread
    rasa: Spread
    actions: Spread

    @property
    def ratio_p50(self) -> float:
        return self.ours.p50 / self.stock.p50

    @property
    def ratio_p95(self) -> float:
        return self.ours.p95 / self.stock.p95

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"ratio_p50": self.ratio_p50, "ratio_p95": self.ratio_p95}


def compare(samples: Sequence[Sample], members: int) -> Comparison:
    """The figures of the turns with so many members at once. ValueError when a side has none."""
    ours = [each for each in samples if each.side == "ours" and each.members == members]
    stock = [each for each in samples if each.side == "stock" and each.members == members]
    return Comparison(
        members,
        ours=Spread.of(each.whole_ms for each in ours),
        stock=Spread.of(each.whole_ms for each in stock),
        share=Spread.of(each.share_ms for each in ours),
        rasa=Spread.of(each.rasa_ms for each in ours),
        actions=Spread.of(each.actions_ms for each in ours),
    )


def table_of(comparisons: Sequence[Comparison]) -> str:
    """The figures as a Markdown table, milliseconds."""
    rows = [
        "| members at once | what | turns | p50 ms | p95 ms | worst ms |",
        "|---:|---|---:|---:|---:|---:|",
    ]
    for each in comparisons:
        stages = {
            "our whole turn": each.ours,
            "stock whole turn": each.stock,
            "our share (service without Rasa)": each.share,
            "of it the actions": each.actions,
            "Rasa in our turn": each.rasa,
        }
        rows += [_row(each.members, name, spread) for name, spread in stages.items()]
        rows.append(f"| {each.members} | ours / stock | | {each.ratio_p50:.2f} | {each.ratio_p95:.2f} | |")
    return "\n".join(rows)


def table_by_line(samples: Sequence[Sample], texts: Sequence[str], members: int) -> str:
    """Medians of each turn of the script, milliseconds."""
    rows = ["| turn | ours | our share | stock |", "|---|---:|---:|---:|"]
    for line, text in enumerate(texts):
        here = [each for each in samples if each.line == line and each.members == members]
        ours = [each for each in here if each.side == "ours"]
        medians = (
            Spread.of(each.whole_ms for each in ours).p50,
            Spread.of(each.share_ms for each in ours).p50,
            Spread.of(each.whole_ms for each in here if each.side == "stock").p50,
        )
        rows.append(f"| {text} | " + " | ".join(f"{value:.0f}" for value in medians) + " |")
    return "\n".join(rows)


def _row(members: int, name: str, spread: Spread) -> str:
    return (
        f"| {members} | {name} | {spread.count} | {spread.p50:.1f} | {spread.p95:.1f} | {spread.worst:.1f} |"
    )

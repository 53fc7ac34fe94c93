"""Whole turns beside stock Rasa: `uv run python -m tests.benchmarks.turns`.

Both sides run on one model, machine, database and processor stand-in, and take turns round by round, so that
the machine's other work hits both alike. Ours is `porchlight serve` with our channel in Rasa; stock is plain
`rasa run` with its REST channel and rasa-sdk's server over the same actions.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from assistant.adapters.rasa_model import MODEL_HOME
from assistant.adapters.rasa_process import ensure_model
from assistant.sandbox.children import ChildDied
from assistant.sandbox.preflight import DemoFailed
from tests.benchmarks.figures import Sample, compare, table_by_line, table_of
from tests.benchmarks.members import Recruiter, VirtualMember
from tests.benchmarks.script import SCRIPT
from tests.benchmarks.sides import Ours, Side, Stock, WrongAnswer
from tests.benchmarks.stages import action_parts, engine_parts
from tests.benchmarks.stand import Stand, standing


@dataclass
class Measured:
    """One member's session on one side: milliseconds of each line."""

    side: str
    members: int
    round: int
    phone: str
    whole_ms: list[float] = field(default_factory=list)


class Bench:
    """Runs rounds on both sides and keeps what was measured."""

    def __init__(self, stand: Stand) -> None:
        self._ours = Ours(stand.settings)
        self._stock = Stock(stand.stock_url)
        self._log = stand.service_log
        self._recruiter = Recruiter(stand.settings)
        self._measured: list[Measured] = []

    def warm_up(self) -> None:
        """One session a side that nobody counts: first connections, first parse, lazy imports."""
        for side in (self._ours, self._stock):
            self._sessions(side, 1, 0)

    def run(self, members: int, rounds: int) -> None:
        for number in range(1, rounds + 1):
            # Who goes first changes, so that neither side always finds the warmer machine.
            sides = (self._ours, self._stock) if number % 2 else (self._stock, self._ours)
            for side in sides:
                self._measured += self._sessions(side, members, number)
            sys.stderr.write(f"{members} at once, round {number} of {rounds}\n")

    def samples(self) -> list[Sample]:
        """Every turn, ours with its stages."""
        ours = [each for each in self._measured if each.side == self._ours.name]
        engine = engine_parts(self._recruiter.db, {each.phone for each in ours})
        actions = action_parts(self._log)
        return [
            _sample(each, line, engine.get(each.phone), actions)
            for each in self._measured
            for line in range(len(SCRIPT))
        ]

    def close(self) -> None:
        self._recruiter.close()

    def _sessions(self, side: Side, members: int, number: int) -> list[Measured]:
        met = self._recruiter.members(members, has_session=side is self._stock)
        together = threading.Barrier(members)

        def session(member: VirtualMember) -> Measured:
            measured = Measured(side.name, members, number, member.phone)
            with side.client() as client:
                together.wait()
                measured.whole_ms = [side.say(client, member, line) for line in SCRIPT]
            return measured

        with ThreadPoolExecutor(members) as threads:
            return list(threads.map(session, met))


def _sample(
    session: Measured, line: int, engine: list[tuple[str, int]] | None, actions: dict[str, float]
) -> Sample:
    plain = Sample(session.side, session.members, session.round, line, session.whole_ms[line])
    if engine is None:
        return plain
    turn_id, engine_ms = engine[line]
    stages = {"engine_ms": float(engine_ms), "actions_ms": actions.get(turn_id, 0.0)}
    return Sample(**{**asdict(plain), **stages})


def main(arguments: list[str] | None = None) -> None:
    """Measure, print Markdown, and write everything as JSON into the data folder."""
    wanted = _arguments(arguments)
    model = wanted.model.absolute() if wanted.model else ensure_model()
    folder = wanted.data_dir.absolute() / "benchmarks"
    try:
        samples = _measure(wanted, model, folder / "work")
    except (WrongAnswer, ChildDied, DemoFailed) as reason:
        sys.exit(f"{reason} The logs are in {folder / 'work' / 'logs'}.")
    comparisons = [compare(samples, members) for members in wanted.members]
    database = "PostgreSQL" if wanted.database_url else "SQLite"
    title = f"{database}, {wanted.rounds} rounds of {len(SCRIPT)} turns, load {_load()}"
    texts = [line.text for line in SCRIPT]
    tables = [table_of(comparisons), *(table_by_line(samples, texts, many) for many in wanted.members)]
    sys.stdout.write("\n\n".join([title, *tables]) + "\n")
    target = folder / f"turns-{database.lower()}.json"
    found: dict[str, Any] = {
        "title": title,
        "model": model.name,
        "comparisons": [each.as_json() for each in comparisons],
        "samples": [asdict(each) for each in samples],
    }
    target.write_text(json.dumps(found, indent=1) + "\n")
    sys.stdout.write(f"\nEvery turn is in {target}\n")


def _measure(wanted: argparse.Namespace, model: Path, work_dir: Path) -> list[Sample]:
    with standing(model, work_dir, wanted.database_url) as stand:
        bench = Bench(stand)
        bench.warm_up()
        for members in wanted.members:
            bench.run(members, wanted.rounds)
        samples = bench.samples()
        bench.close()
    return samples


def _load() -> str:
    """The machine's load average when it was over: how much else was going on."""
    return " ".join(f"{each:.1f}" for each in os.getloadavg())


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=_numbers, default=[1, 8], help="members at once, like 1,8")
    parser.add_argument("--rounds", type=int, default=6, help="rounds of each side, for each number")
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database; default SQLite")
    parser.add_argument("--data-dir", type=Path, default=MODEL_HOME, help="where results and logs go")
    parser.add_argument("--model", type=Path, help="a trained model; default: trained when missing")
    return parser.parse_args(arguments)


def _numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(",")]


if __name__ == "__main__":
    main()

"""`python -m tests.simulation`: play seeds, one or many, on either database, on several cores.

--seed 357                      replay one and print how it went
--seeds 0..3000 --jobs 2        a range, the last not included
--minutes 30 --seeds 3000..     as many as fit
--database postgres             on the PostgreSQL of PORCHLIGHT_TEST_POSTGRES_URL
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import count

from tests.simulation.opening import POSTGRES_URL
from tests.simulation.running import DATABASES, Report, play_on_cores, play_one


def main(arguments: list[str] | None = None) -> int:
    """Returns 1 when a promise was broken; the seed that replays it is printed."""
    options = _options(arguments)
    if options.seed is not None:
        failure, trace = play_one(options.seed, options.database)
        print(failure or trace)  # noqa: T201
        return int(bool(failure))
    first, _, last = options.seeds.partition("..")
    seeds = range(int(first), int(last)) if last else count(int(first))
    began = time.monotonic()
    until = began + options.minutes * 60 if options.minutes else None
    report = play_on_cores(seeds, options.database, options.jobs, until)
    print(_summary(report, time.monotonic() - began))  # noqa: T201
    for failure in report.failures[:3]:
        print(f"\n{failure}")  # noqa: T201
    return int(bool(report.failures))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--seed", type=int, help="replay this one and print how it went")
    parser.add_argument("--seeds", default="0..1000", help="`A..B`, or `A..` together with --minutes")
    parser.add_argument("--minutes", type=float, help="stop after this long")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes play")
    parser.add_argument(
        "--database", choices=DATABASES, default="sqlite", help=f"`postgres` wants {POSTGRES_URL}"
    )
    options = parser.parse_args(arguments)
    if options.seeds.endswith("..") and not options.minutes:
        parser.error("a range without an end wants --minutes")
    return options


def _summary(report: Report, seconds: float) -> str:
    counts = ", ".join(f"{number} {what}" for what, number in sorted(report.counts.items()))
    per_thousand = 1000 * report.cpu_seconds / max(report.seeds, 1)
    return (
        f"{report.seeds} seeds in {seconds:.0f} s ({per_thousand:.0f} CPU s per 1,000): {counts}; "
        f"{len(report.failures)} failed"
    )


if __name__ == "__main__":
    sys.exit(main())

"""Structured logs with redaction, and the counters and histograms behind `/metrics`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from typing import TextIO, TypeVar, cast

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from assistant.redaction import mask_log_event

Row = TypeVar("Row")

_LOG = structlog.get_logger(__name__)
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2, 5, 8, 15, 30)


class Metrics:
    """What the product counts. One registry per application, so that tests do not share counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.turns = Counter(
            "porchlight_turns", "Turns taken.", ["channel", "outcome"], registry=self.registry
        )
        self.turn_seconds = Histogram(
            "porchlight_turn_seconds",
            "Seconds per turn: whole, engine (actions included), service (the rest); and per action call.",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.refusals = Counter(
            "porchlight_refusals", "Refusals told to members.", ["code"], registry=self.registry
        )
        self.payments = Gauge("porchlight_payments", "Payments by state.", ["state"], registry=self.registry)
        self.outbox = Gauge(
            "porchlight_outbox", "Outbox messages by state.", ["state"], registry=self.registry
        )

    def turn(self, channel: str, outcome: str, seconds: float, engine_seconds: float) -> None:
        """Note one finished turn."""
        self.turns.labels(channel, outcome).inc()
        self.turn_seconds.labels("whole").observe(seconds)
        self.turn_seconds.labels("engine").observe(engine_seconds)
        self.turn_seconds.labels("service").observe(max(seconds - engine_seconds, 0))

    def refusal(self, code: str) -> None:
        """Note one refusal by its stable code."""
        self.refusals.labels(code).inc()


class _StandardError:
    """Standard error as it is when a line is written: it may have been replaced since we were configured."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_logging(level: str) -> None:
    """One JSON object a line on standard error: time, level, event, request, session and payment ids.

    Card numbers are masked in every field. Exceptions are logged by type; their values may hold words of
    members.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            mask_log_event,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _StandardError())),
        cache_logger_on_first_use=True,
    )
    # Libraries log requests with their parameters at INFO; nobody needs them here.
    for noisy in ("httpx", "httpcore", "stripe", "twilio", "rasa_sdk", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def done_one_by_one(round_name: str, work: Callable[[Row], bool], rows: Iterable[Row]) -> int:
    """How many of the rows `work` was true for. A row that breaks is logged, by its error's type and place,
    and stays due; the rows behind it must not wait for it.
    """
    return sum(_is_done(round_name, work, row) for row in rows)


def _is_done(round_name: str, work: Callable[[Row], bool], row: Row) -> bool:
    try:
        return work(row)
    except Exception as unexpected:  # noqa: BLE001  whatever ails one row
        where = place_of(unexpected)
        _LOG.error("row_failed", round=round_name, error=type(unexpected).__name__, where=where)
        return False


def place_of(error: BaseException) -> str:
    """The innermost place of an error, `file:line`, without its values."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"

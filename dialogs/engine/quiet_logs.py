"""Rasa's logs without the local variables of a crash: those hold what members wrote."""

import sys
import traceback
from typing import Any, Dict

import structlog


def leave_values_out_of_logs() -> None:
    """Replace structlog's tracebacks with names and lines only. Effective for every logger at once."""
    # The list is changed in place because bound loggers keep a reference to it.
    processors = structlog.get_config()["processors"]
    unwanted = (structlog.processors.dict_tracebacks, structlog.dev.set_exc_info)
    processors[:] = [_name_the_exception, *(each for each in processors if each not in unwanted)]


def _name_the_exception(_logger: Any, method: str, event: Dict[str, Any]) -> Dict[str, Any]:
    given = event.pop("exc_info", None)
    problem = given if isinstance(given, BaseException) else None
    if problem is None and (given or method == "exception"):
        problem = sys.exc_info()[1]
    if problem is not None:
        frames = traceback.extract_tb(problem.__traceback__)
        event["exception"] = type(problem).__name__
        event["at"] = [f"{frame.name}:{frame.lineno}" for frame in frames[-3:]]
    return event

"""Two caches, one omission and one report inside Rasa, only for the exact version they were written for.

Stock Rasa checks a constant schema against its meta-schema on every action call and walks all event
classes for every event: most of the cost of a turn. It also writes out the whole domain (300 KB) for every
validation, whatever endpoints.yml says. A failed action is reported to our channel.
"""

import logging
from functools import lru_cache
from typing import Any, Dict, List, Optional, Text, Type

import rasa
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event

from dialogs.engine.outgoing import report_fault

logger = logging.getLogger(__name__)

WRITTEN_FOR = "3.6.21"

_stock_run = RemoteAction.run
_stock_resolve = Event.resolve_by_type


def install(version: str = rasa.__version__) -> bool:
    """Put the caches in place; another version of Rasa is left as it is and works, only slower."""
    if version != WRITTEN_FOR:
        logger.warning("speed-ups are for Rasa %s, this is %s: not installed", WRITTEN_FOR, version)
        return False
    RemoteAction._validate_action_result = _validate_action_result
    RemoteAction.run = _run
    Domain.does_custom_action_explicitly_need_domain = _needs_domain
    Event.resolve_by_type = staticmethod(_resolve_by_type)
    return True


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _validate_action_result(self: RemoteAction, result: Dict[Text, Any]) -> bool:
    problem = best_match(_validator().iter_errors(result))
    if problem is not None:
        raise problem
    return True


def _needs_domain(self: Domain, action_name: Text) -> bool:
    return False  # no action of ours reads it


@lru_cache(maxsize=256)
def _known_event(type_name: Text) -> Optional[Type[Event]]:
    return _stock_resolve(type_name)


def _resolve_by_type(type_name: Text, default: Optional[Type[Event]] = None) -> Optional[Type[Event]]:
    try:
        return _known_event(type_name)
    except ValueError:
        return _stock_resolve(type_name, default)


async def _run(self: RemoteAction, *args: Any, **kwargs: Any) -> List[Event]:
    try:
        return await _stock_run(self, *args, **kwargs)
    except ActionExecutionRejection:
        raise
    except Exception as problem:
        report_fault(f"{self.name()}:{type(problem).__name__}")
        raise

"""Reads Stripe's form encoding and refuses what Stripe refuses: unknown, missing or misshapen parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from assistant.sandbox.stripe_problems import Problem, missing_parameter, unknown_parameter

# Takes a parameter's full name and its raw value; returns the value read or raises Problem.
Kind = Callable[[str, Any], Any]

_NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")


def parse_form(raw: str) -> dict[str, Any]:
    """`a=1&b[c]=2&d[0]=3` -> nested dicts of text; list positions stay keys, `d[]=4` collects a list."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        match = _NAME.match(name)
        if match is None:
            raise Problem(f"Invalid parameter name: {name}", param=name)
        steps = [match.group(1), *re.findall(r"\[([^\[\]]*)\]", match.group(2))]
        _place(tree, steps, value, name)
    return tree


def _place(tree: dict[str, Any], steps: list[str], value: str, name: str) -> None:
    for step in steps[:-1]:
        tree = tree.setdefault(step, {})
        if not isinstance(tree, dict):
            raise Problem(f"Invalid parameter: {name}", param=name)
    if steps[-1] == "":
        tree.setdefault("", []).append(value)
    else:
        tree[steps[-1]] = value


@dataclass(frozen=True)
class Shape:
    """The parameters one endpoint or one nested group takes."""

    fields: Mapping[str, Kind]
    required: tuple[str, ...] = ()

    def read(self, given: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
        """The given parameters, read. Raises Problem for the first one that is unknown, missing or wrong."""
        for name in given:
            if name not in self.fields:
                raise unknown_parameter(_full(prefix, name))
        for name in self.required:
            if name not in given:
                raise missing_parameter(_full(prefix, name))
        return {name: self.fields[name](_full(prefix, name), value) for name, value in given.items()}


def _full(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


def text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Problem("Invalid string: expected text, got an object", param=name)
    if value == "":
        raise Problem(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a "
            f"parameter; however '{name}' cannot be unset.",
            code="parameter_invalid_empty",
            param=name,
        )
    if len(value) > 5000:
        raise Problem(f"Invalid string: {value[:20]}…; must be at most 5000 characters", param=name)
    return value


def whole(name: str, value: Any) -> int:
    read = text(name, value)
    if not re.fullmatch(r"-?[0-9]{1,15}", read):
        raise Problem(f"Invalid integer: {read[:40]}", code="parameter_invalid_integer", param=name)
    return int(read)


def flag(name: str, value: Any) -> bool:
    read = text(name, value)
    if read not in {"true", "false"}:
        raise Problem(f"Invalid boolean: {read[:40]}", param=name)
    return read == "true"


def one_of(*words: str) -> Kind:
    def read(name: str, value: Any) -> str:
        word = text(name, value)
        if word not in words:
            raise Problem(f"Invalid {name}: must be one of {', '.join(words)}", param=name)
        return word

    return read


def group(shape: Shape) -> Kind:
    def read(name: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Problem("Invalid object", param=name)
        return shape.read(value, name)

    return read


def texts(name: str, value: Any) -> list[str]:
    """A list, sent as `name[0]=…&name[1]=…` or `name[]=…`."""
    if not isinstance(value, dict):
        raise Problem("Invalid array", param=name)
    items = value.get("", []) + [value[step] for step in sorted(set(value) - {""}, key=str)]
    return [text(name, item) for item in items]


def metadata(name: str, value: Any) -> dict[str, str]:
    """Up to 50 pairs of text, names up to 40 and values up to 500 characters."""
    if not isinstance(value, dict):
        raise Problem("Invalid object", param=name)
    if len(value) > 50:
        raise Problem("Metadata may hold at most 50 keys", param=name)
    for key, item in value.items():
        if len(key) > 40 or len(text(f"{name}[{key}]", item)) > 500:
            raise Problem(
                "Metadata keys are at most 40 and values at most 500 characters long", param=f"{name}[{key}]"
            )
    return dict(value)


_RANGE = Shape({"gt": whole, "gte": whole, "lt": whole, "lte": whole})


def instant_or_range(name: str, value: Any) -> dict[str, int]:
    """Unix seconds, alone or as bounds `gt`, `gte`, `lt`, `lte`; alone becomes both bounds."""
    if isinstance(value, dict):
        return _RANGE.read(value, name)
    moment = whole(name, value)
    return {"gte": moment, "lte": moment}


def page_size(name: str, value: Any) -> int:
    size = whole(name, value)
    if not 1 <= size <= 100:
        raise Problem(f"This value must be between 1 and 100: {size}", param=name)
    return size


def listing(**filters: Kind) -> Shape:
    """The parameters of a list endpoint with these filters."""
    paging = {"limit": page_size, "starting_after": text, "ending_before": text, "expand": texts}
    return Shape({**paging, **filters})


RETRIEVAL = Shape({"expand": texts})

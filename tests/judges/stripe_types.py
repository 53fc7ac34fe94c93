"""Turns stripe-python's own annotations into strict schemas, and checks values against them.

Stricter than the types: `Literal[…] | str` is read as the literals alone, unknown names are refused, and
what is not optional must be there. Nothing is copied from Stripe: the installed SDK is read at test time.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import re
import sys
import types
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, ForwardRef, Literal, Union, get_args, get_origin

import typing_extensions
from stripe import ListObject, StripeObject
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject

# `form`: values are text, as sent; `json`: values are JSON, as answered.
Mode = Literal["form", "json"]
Problems = list[str]

_INTEGER = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class Names(Mapping[str, Any]):
    """What a name in a module's annotations means, also names imported for type checkers only."""

    def __init__(self, module_name: str) -> None:
        self._module = sys.modules[module_name]
        self._imports = _imports_of(module_name)

    def __getitem__(self, name: str) -> Any:
        if hasattr(self._module, name):
            return getattr(self._module, name)
        if name in self._imports:
            source, original = self._imports[name]
            return getattr(importlib.import_module(source), original)
        return getattr(builtins, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._imports)

    def __len__(self) -> int:
        return len(self._imports)


@cache
def _imports_of(module_name: str) -> dict[str, tuple[str, str]]:
    tree = ast.parse(inspect.getsource(sys.modules[module_name]))
    return {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def resolve(annotation: Any, module_name: str) -> Any:
    """The annotation with quoted names looked up in its module."""
    if isinstance(annotation, ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        return eval(annotation, {}, Names(module_name))  # noqa: S307  the SDK's own annotations
    return annotation


@cache
def fields_of(cls: type) -> dict[str, tuple[Any, bool]]:
    """Field name on the wire -> (its annotation, whether it must be there)."""
    if typing_extensions.is_typeddict(cls):
        return _fields_of_params(cls)
    renamed = getattr(cls, "_field_remappings", {})
    found = {}
    for name, annotation in inspect.get_annotations(cls).items():
        resolved = resolve(annotation, cls.__module__)
        if name.startswith("_") or get_origin(resolved) is ClassVar:
            continue
        found[renamed.get(name, name)] = (resolved, type(None) not in _members(resolved, cls.__module__))
    return found


def _fields_of_params(cls: Any) -> dict[str, tuple[Any, bool]]:
    options = set(RequestOptions.__annotations__)
    return {
        name: (_bare(resolve(annotation, cls.__module__)), name in cls.__required_keys__)
        for name, annotation in cls.__annotations__.items()
        if name not in options
    }


def _bare(annotation: Any) -> Any:
    is_marked = get_origin(annotation) in {typing_extensions.NotRequired, typing_extensions.Required}
    return get_args(annotation)[0] if is_marked else annotation


@cache
def _members(annotation: Any, module_name: str) -> list[Any]:
    """The members of a union, flattened and resolved; an annotation that is no union is its only member."""
    resolved = resolve(annotation, module_name)
    if get_origin(resolved) not in {Union, types.UnionType}:
        return [resolved]
    return [inner for part in get_args(resolved) for inner in _members(part, module_name)]


def check(value: Any, annotation: Any, module_name: str, mode: Mode, path: str) -> Problems:
    """Everything that is wrong with a value; an empty list when it fits."""
    members = _members(annotation, module_name)
    if any(_is_words(member) for member in members):
        members = [member for member in members if member is not str]
    # An object is compared with the object types alone, so that the report says what is wrong inside it.
    alike = [member for member in members if _takes_objects(member, mode) == isinstance(value, dict)]
    tries = [_check_one(value, member, module_name, mode, path) for member in alike or members]
    return min(tries, key=len)


def _takes_objects(annotation: Any, mode: Mode) -> bool:
    origin = get_origin(annotation)
    if origin is list:
        return mode == "form"  # a sent list arrives as a map of positions
    return origin in {dict, UntypedStripeObject, ListObject} or _is_object_class(annotation)


def _is_object_class(annotation: Any) -> bool:
    return inspect.isclass(annotation) and (
        typing_extensions.is_typeddict(annotation) or issubclass(annotation, StripeObject)
    )


def _is_words(annotation: Any) -> bool:
    return get_origin(annotation) is Literal and all(isinstance(word, str) for word in get_args(annotation))


def _check_one(value: Any, annotation: Any, module_name: str, mode: Mode, path: str) -> Problems:
    origin, args = get_origin(annotation), get_args(annotation)
    if annotation is Any or (annotation is type(None) and value is None and mode == "json"):
        return []
    if origin is Literal:
        words = [_on_wire(word) for word in args] if mode == "form" else list(args)
        return [] if value in words else [f"{path}: {_shown(value)} is not one of {words[:12]}"]
    if origin is list:
        return _check_list(value, args[0], module_name, mode, path)
    if origin in {dict, UntypedStripeObject}:
        return _check_map(value, args[-1], module_name, mode, path)
    if origin is ListObject:
        return _check_page(value, args[0], module_name, path)
    if _is_object_class(annotation):
        return check_fields(value, annotation, mode, path)
    return _check_plain(value, annotation, mode, path)


def check_fields(value: Any, cls: type, mode: Mode, path: str) -> Problems:
    """Check an object against a TypedDict of parameters or a resource class."""
    if not isinstance(value, dict):
        return [f"{path}: {_shown(value)} is not an object ({cls.__name__})"]
    fields = fields_of(cls)
    problems = [f"{path}.{name}: unknown in {cls.__name__}" for name in value if name not in fields]
    for name, (annotation, is_required) in fields.items():
        if name in value:
            problems += check(value[name], annotation, cls.__module__, mode, f"{path}.{name}")
        elif is_required:
            problems.append(f"{path}.{name}: missing, required by {cls.__name__}")
    return problems


def _check_list(value: Any, item: Any, module_name: str, mode: Mode, path: str) -> Problems:
    items = value
    if mode == "form" and isinstance(value, dict):
        if sorted(value) != [str(position) for position in range(len(value))]:
            return [f"{path}: {sorted(value)} are not list positions"]
        items = [value[position] for position in sorted(value)]
    if not isinstance(items, list):
        return [f"{path}: {_shown(value)} is not a list"]
    return [
        problem
        for position, one in enumerate(items)
        for problem in check(one, item, module_name, mode, f"{path}[{position}]")
    ]


def _check_map(value: Any, item: Any, module_name: str, mode: Mode, path: str) -> Problems:
    if not isinstance(value, dict):
        return [f"{path}: {_shown(value)} is not a map"]
    return [
        problem
        for name, one in value.items()
        for problem in check(one, item, module_name, mode, f"{path}.{name}")
    ]


def _check_page(value: Any, item: Any, module_name: str, path: str) -> Problems:
    if not isinstance(value, dict) or set(value) != {"object", "data", "has_more", "url"}:
        return [f"{path}: not a list object"]
    if value["object"] != "list" or type(value["has_more"]) is not bool or type(value["url"]) is not str:
        return [f"{path}: a list object of the wrong types"]
    return _check_list(value["data"], item, module_name, "json", f"{path}.data")


def _check_plain(value: Any, annotation: Any, mode: Mode, path: str) -> Problems:
    wrong = [f"{path}: {_shown(value)} is not {getattr(annotation, '__name__', annotation)}"]
    if mode == "json":
        wanted = {int: (int,), float: (int, float), str: (str,), bool: (bool,), Decimal: (str,)}
        return [] if type(value) in wanted.get(annotation, ()) else wrong
    if not isinstance(value, str):
        return wrong
    fits = {
        int: bool(_INTEGER.fullmatch(value)),
        float: bool(_DECIMAL.fullmatch(value)),
        Decimal: bool(_DECIMAL.fullmatch(value)),
        bool: value in {"true", "false"},
        str: True,
    }
    return [] if fits.get(annotation, False) else wrong


def _shown(value: Any) -> str:
    return repr(value)[:80]


def _on_wire(word: Any) -> Any:
    return str(word).lower() if isinstance(word, bool) else str(word)

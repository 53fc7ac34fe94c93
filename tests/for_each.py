"""One test over many like things, each trouble named: ten thousand tests of a microsecond cost minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def for_each(things: Iterable[object]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Check every one of `things` (a tuple fills several parameters); fails with all that failed."""
    listed = list(things)

    def over(check: Callable[..., None]) -> Callable[[], None]:
        def test() -> None:
            assert listed, "there is nothing to check"
            troubles = [trouble for thing in listed if (trouble := _trouble(check, thing))]
            assert not troubles, f"{len(troubles)} of {len(listed)}:\n" + "\n".join(troubles)

        # Not functools.wraps: pytest would follow it to the parameters and look for fixtures of their names.
        test.__name__, test.__doc__, test.__module__ = check.__name__, check.__doc__, check.__module__
        return test

    return over


def _trouble(check: Callable[..., None], thing: object) -> str:
    try:
        check(*thing) if isinstance(thing, tuple) else check(thing)
    except AssertionError as trouble:
        return f"{thing}: {trouble}"
    return ""

"""What `uv run pytest` leaves out to take ten minutes on two cores; `task thorough` and CI run that, too.

Marked by hand: what another test is a short form of. Marked here: doubles on PostgreSQL of tests that run on
SQLite. Those stay where the database decides: about locks, unique keys, charging once.
"""

from __future__ import annotations

import pytest

LEFT_OUT = "not thorough"
# Files, and tests of them, that the default run makes on both databases.
ON_POSTGRES_TOO = frozenset(
    {
        "test_a_dead_process_frees_its_session.py",
        "test_a_killed_service_charges_once.py::"
        "test_killed_between_charge_and_settle_it_is_charged_once_and_told_by_text",
        "test_a_payment_is_charged_once_and_posted_once.py",
        "test_a_turn_is_taken.py",
        "test_database_keeps_time_and_order.py",
        "test_drafts_survive_a_death.py",
        "test_held_payments.py",
        "test_jobs_are_done_by_the_engine.py",
        "test_limits_under_parallel_guesses.py",
        "test_migrations_keep_what_is_there.py",
        "test_migrations_make_the_tables_of_the_code.py",
        "test_old_things_are_forgotten.py",
        "test_payments_and_refunds_are_posted_once.py",
        "test_pins_and_their_limits.py",
        "test_refunds_are_given_once.py",
        "test_webhooks_in_any_order.py",
        "test_workers_share_the_work.py",
    }
)


def pytest_report_header(config: pytest.Config) -> list[str]:
    told = (
        "left out: tests marked thorough (doubles on PostgreSQL, more ways to talk, longer searches); "
        "`uv run task thorough` runs them, CI does both"
    )
    return [told] if config.option.markexpr == LEFT_OUT else []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _is_double(item) and not _names(item) & ON_POSTGRES_TOO:
            item.add_marker(pytest.mark.thorough)


def _is_double(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    return call is not None and "postgres" in call.params.values()


def _names(item: pytest.Item) -> set[str]:
    name = item.path.name
    return {name, f"{name}::{getattr(item, 'originalname', '')}"}

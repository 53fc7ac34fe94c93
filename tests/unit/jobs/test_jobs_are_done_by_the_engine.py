"""The engine: a job lands with its row or not at all, begins at a bounded rate, and is remembered."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from assistant.jobs.crons import Cron
from assistant.jobs.engine import PROCESSOR_QUEUE, client_on, engine_for
from assistant.jobs.history import Job, JobHistory
from tests.unit.jobs.conftest import Shop, drop_engine_tables, until


def jobs_of(shop: Shop, limit: int = 100) -> list[Job]:
    with JobHistory(shop.db) as history:
        return history.newest(limit)


def test_a_job_of_a_transaction_that_is_rolled_back_never_was(shop: Shop) -> None:
    shop.start()
    assert shop.engine is not None
    with shop.db.write() as tx:
        shop.engine.enqueue(tx, "made_up:lost:1", "made_up", "lost")
        tx.rollback()
    with shop.db.write() as tx:
        shop.engine.enqueue(tx, "made_up:kept:1", "made_up", "kept")
    until(lambda: shop.works.done, "the job that was committed")
    assert shop.works.done == ["kept"]
    assert [job.id for job in jobs_of(shop)] == ["made_up:kept:1"]


def test_jobs_begin_at_a_bounded_rate_and_their_history_is_forgotten_in_time(shop: Shop) -> None:
    shop.calls_per_second = 5
    shop.works.due = [f"piece-{number}" for number in range(14)]
    shop.start()
    assert shop.dispatch() == 14
    assert shop.dispatch() == 0, "it is all in hand"
    until(lambda: len(shop.works.done) == 14, "all the work")
    until(lambda: all(job.state == "done" for job in jobs_of(shop)), "the end of every job")
    assert sorted(shop.works.done) == sorted(shop.works.due)
    begun = sorted(job.began_at for job in jobs_of(shop) if job.began_at)
    assert len(begun) == 14
    for first, sixth in zip(begun, begun[5:], strict=False):
        assert sixth - first >= timedelta(seconds=1), "six began within a second"
    assert shop.claims.count_in_hand("made_up") == 0
    shop.works.done.clear()
    assert shop.dispatch() == 0, "who listed it before it was done does not repeat it"

    assert shop.engine is not None
    assert shop.engine.forget_page(datetime.now(UTC) - timedelta(days=30)) == 0
    assert shop.engine.forget_page(datetime.now(UTC) + timedelta(minutes=1)) == 14
    assert jobs_of(shop) == []


def test_a_job_that_can_wait_lets_the_others_go_first(shop: Shop) -> None:
    shop.calls_per_second = 2
    shop.start()
    assert shop.engine is not None
    with shop.db.write() as tx:
        for key, can_wait in (("event-1", True), ("event-2", True), ("event-3", True), ("lookup", False)):
            shop.engine.enqueue(tx, f"made_up:{key}:1", "made_up", key, can_wait=can_wait)
    until(lambda: len(shop.works.done) == 4, "all the work")
    assert "lookup" in shop.works.done[:2]


def test_a_failed_job_tells_no_values_and_can_be_done_again(shop: Shop) -> None:
    def fails(_key: str) -> bool:
        raise ValueError("4242 4242 4242 4242")

    shop.works.due, shop.works.does = ["piece"], fails
    shop.start()
    assert shop.dispatch() == 1
    until(lambda: jobs_of(shop)[0].state == "failed", "the failure")
    [job] = jobs_of(shop)
    assert "ValueError at " in job.error
    assert "4242" not in job.error
    assert shop.dispatch() == 0, "its claim lasts until a job may be tried again"

    shop.works.does = lambda _key: True
    with JobHistory(shop.db) as history:
        again = history.do_again(job.id)
        until(lambda: (found := history.get(again)) and found.state == "done", "the second try")
        assert [each.id for each in history.about(["made_up"], "piece")] == [again, job.id]
    assert shop.works.done == ["piece"]


def test_work_that_must_wait_rests_and_comes_again(shop: Shop) -> None:
    shop.works.due, shop.works.does = ["piece"], lambda _key: False
    shop.start()
    assert shop.dispatch() == 1
    until(lambda: jobs_of(shop)[0].state == "waits", "the first try")
    assert shop.dispatch() == 0
    shop.clock.advance(timedelta(seconds=61))
    shop.works.does = lambda _key: True
    assert shop.dispatch() == 1
    until(lambda: shop.works.done, "the second try")


def test_times_missed_while_no_worker_ran_are_made_up_for(shop: Shop) -> None:
    pages = [3, 2]
    shop.crons = [Cron("daily", 30, (4,), lambda: pages.pop() if pages else 0)]
    shop.start()
    shop.stop()
    two_days_ago = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    table = "workflow_schedules" if shop.db.is_sqlite else "dbos.workflow_schedules"
    with shop.db.write() as tx:
        tx.execute(text(f"UPDATE {table} SET last_fired_at = :at"), {"at": two_days_ago})  # noqa: S608
    shop.start()
    until(lambda: len(jobs_of(shop)) >= 2, "the missed runs")
    until(lambda: all(job.state == "done" for job in jobs_of(shop)), "their end")
    assert {job.kind for job in jobs_of(shop)} == {"daily"}
    assert len(jobs_of(shop)) == 2
    assert pages == []


def test_with_the_engines_tables_gone_the_work_is_done_all_the_same(shop: Shop) -> None:
    shop.works.due = ["before", "stuck"]
    shop.works.does = lambda key: key != "stuck"
    shop.start()
    assert shop.dispatch() == 2
    until(lambda: len(jobs_of(shop)) == 2 and jobs_of(shop)[0].state != "queued", "the first jobs")
    drop_engine_tables(shop.db)
    shop.works.due.append("after")
    assert shop.dispatch() == 2, "done on the spot"
    assert "after" in shop.works.done
    shop.stop()
    shop.works.does = lambda _key: True
    shop.works.due.append("later")
    shop.clock.advance(timedelta(minutes=16))
    shop.start()
    assert shop.dispatch() > 0
    until(lambda: {"later", "stuck"} <= set(shop.works.done), "the work after a new start")


def test_work_whose_job_the_engine_lost_is_done_at_the_next_look_and_not_after_its_lease(shop: Shop) -> None:
    is_over = threading.Event()
    shop.works.due = ["lost"]
    # The job never comes back in time; whoever does it here does it at once.
    shop.works.does = lambda _key: threading.current_thread() is threading.main_thread() or is_over.wait(30)
    shop.start()
    assert shop.dispatch() == 1
    assert shop.dispatcher.take_back_lost() == 0, "the engine has it"
    drop_engine_tables(shop.db)
    assert shop.dispatcher.take_back_lost() == 1
    assert shop.dispatch() == 1
    assert shop.works.done == ["lost"]
    is_over.set()


def test_jobs_of_a_dead_worker_go_back_to_their_queue_and_those_of_the_living_do_not(shop: Shop) -> None:
    shop.start()
    assert shop.engine is not None
    status = "workflow_status" if shop.db.is_sqlite else "dbos.workflow_status"
    with shop.db.write() as tx:
        shop.engine.enqueue(tx, "made_up:orphan:1", "made_up", "orphan")
        # As a worker of that name left it that was killed in the middle.
        tx.execute(
            text(f"UPDATE {status} SET status = 'PENDING', executor_id = 'dead-1', application_version = '1'")  # noqa: S608
        )
    assert shop.engine.resume_orphans({"dead-1"}) == 0
    assert shop.engine.resume_orphans(set()) == 1
    until(lambda: shop.works.done == ["orphan"], "the orphan's end")
    until(lambda: jobs_of(shop)[0].worker == "test-1", "who did it")


def test_jobs_that_others_took_for_a_dead_ones_do_not_block_the_worker_that_slept(shop: Shop) -> None:
    awake = threading.Event()
    shop.works.does = lambda key: key == "next" or awake.wait(30)
    shop.works.due = [f"slow-{number}" for number in range(8)]
    shop.start()
    assert shop.engine is not None
    assert shop.dispatch() == 8
    until(lambda: all(job.state == "running" for job in jobs_of(shop)), "eight jobs under way")
    with JobHistory(shop.db) as history:
        history._client.resume_workflows([job.id for job in jobs_of(shop)], queue_name=PROCESSOR_QUEUE)
    until(lambda: all(job.state == "running" for job in jobs_of(shop)), "the same jobs with a new owner")
    awake.set()
    shop.works.due.append("next")
    shop.dispatch()
    until(lambda: all(job.state == "done" for job in jobs_of(shop)), "the end of every job")
    assert "next" in shop.works.done
    # The old runs wait for the outcome of the new ones; they must not outlive the test's database.
    shop.stop(finish_seconds=10)


def test_the_engines_connections_are_as_durable_as_ours(shop: Shop) -> None:
    engine = engine_for(shop.db, pool_size=1)
    client_on(engine).destroy()
    if shop.db.is_sqlite:
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
            assert connection.execute(text("PRAGMA synchronous")).scalar() == 2, "FULL"
    engine.dispose()

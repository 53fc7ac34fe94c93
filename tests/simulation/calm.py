"""Works off what is due, in the order of time, until nothing is left to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.story import Story

# Several days of lookups, drafts, retries and texts have fewer rounds than this; more would be without end.
_ROUNDS = 120
_TIMES = {
    "lookups": "SELECT MIN(next_lookup_at) FROM payments WHERE state IN ('submitted', 'unknown', 'pending')",
    "outbox": "SELECT MIN(send_after) FROM outbox WHERE state IN ('queued', 'sending', 'unknown')",
    "refunds": "SELECT MIN(next_lookup_at) FROM (SELECT next_lookup_at FROM refunds"
    " UNION ALL SELECT next_lookup_at FROM payment_disputes) AS returns",
    "reviews": "SELECT MIN(expires_at) FROM payment_reviews WHERE state = 'waiting'",
    "scheduled": "SELECT MIN(draft_at) FROM scheduled_payments WHERE state = 'scheduled'",
    "autopay": "SELECT MIN(draft_at) FROM autopay_drafts WHERE state IN ('planned', 'waiting')",
}
_DRAFTS = ("scheduled", "autopay")
_NEWS = {
    "events": "SELECT id FROM processor_events WHERE handled_at IS NULL LIMIT 1",
    "autopay": "SELECT d.id FROM autopay_drafts d JOIN payments p ON p.autopay_draft_id = d.id"
    " AND p.autopay_try = d.try_count WHERE d.state = 'sent'"
    " AND p.state NOT IN ('created', 'held', 'submitted', 'unknown', 'pending') LIMIT 1",
}


class Calm:
    """The worker of a story on a good day."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._world = story.world

    def until_quiet(self) -> None:
        if self._world.rows.all("SELECT id FROM autopay_enrollments WHERE state = 'active' LIMIT 1"):
            self._run("notices")
        for _ in range(_ROUNDS):
            self.work()
            if not any(self._times().values()) and not self._news():
                return
            self.sleep_until_work()
        raise AssertionError("there is always more to do")

    def due(self) -> list[str]:
        """The kinds of work that have something to do now."""
        now = self._world.clock.now()
        return self._news() + [name for name, at in self._times().items() if at is not None and at <= now]

    def work(self) -> None:
        """Everything that is due now, once, and what became of drafts."""
        for name in dict.fromkeys(self.due()):
            self._run(name)
            if name in _DRAFTS and self._hour_comes_again():
                # A real worker looks all the time; of the hours in which it finds nothing, this one matters.
                self._world.clock.advance(timedelta(hours=1))
                self._run(name)
        if "autopay" in self._news():
            self._run("autopay")

    def sleep_until_work(self) -> None:
        """Until the first thing is due; drafts that are late wait for the day."""
        now, times = self._world.clock.now(), self._times()
        ahead = [at - now for at in times.values() if at is not None and at > now]
        late = [name for name in _DRAFTS if (at := times[name]) is not None and at <= now]
        step = min([*ahead, *(timedelta(hours=1) for _ in late)], default=timedelta(hours=1))
        self._world.clock.advance(max(step, timedelta(seconds=1)))

    def sleep_until_drafts(self) -> None:
        times, now = self._times(), self._world.clock.now()
        ahead = [at for name in _DRAFTS if (at := times[name]) is not None and at > now]
        if ahead:
            self._world.clock.advance(min(ahead) - now)

    def _hour_comes_again(self) -> bool:
        """Whether an hour from now it is as late by the wall clock as now: the night that falls back."""
        later = self._world.clock.now() + timedelta(hours=1)
        return later.astimezone(self._world.clock.zone).fold == 1

    def _times(self) -> dict[str, datetime | None]:
        return {name: self._world.rows.first_time(sql) for name, sql in _TIMES.items()}

    def _news(self) -> list[str]:
        return [name for name, sql in _NEWS.items() if self._world.rows.all(sql)]

    def _run(self, name: str) -> None:
        self._story.start(f"worker {name}", self._story.rounds()[name])

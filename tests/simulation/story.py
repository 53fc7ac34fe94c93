"""One story: what the seed lets people, banks, machines and clocks do, and the calm in which all must end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from random import Random
from unittest import mock

from assistant import observability
from assistant.errors import RefundNotPossible, Refusal, ReviewNotPossible
from assistant.payments.gateway import ProcessorNotice
from tests.fake_gateway import OneKeyTwoRequests
from tests.simulation import weather as weather_of_stories
from tests.simulation.bank import Bank
from tests.simulation.calm import Calm
from tests.simulation.endings import require_good_end
from tests.simulation.people import People
from tests.simulation.processes import Fate, Process
from tests.simulation.promises import BrokenPromise, Promises
from tests.simulation.weather import Weather
from tests.simulation.world import World, seeded_ids

# This share of the stories is about bank accounts; drawn apart, so that the other stories stay as they were.
_BANK_STORIES = 0.15
_WAITS = (1, 5, 20, 60, 61, 300, 900, 3600, 6 * 3600, 86400)
Act = Callable[[], object]


class Broken(AssertionError):
    """A promise was broken, or something failed that may not fail. Says the seed and how it came to it."""


def tell(world: World, seed: int) -> Story:
    """Play the story of one seed on an emptied world. Raises Broken."""
    story = Story(world, seed)
    try:
        with seeded_ids(story.ids), no_row_may_break():
            story.play()
    except (Exception, BrokenPromise, OneKeyTwoRequests) as broken:
        what = str(broken) or type(broken).__name__
        where = "" if world.db.is_sqlite else " --database postgres"
        raise Broken(
            f"{what}\n\nseed {seed}, {story.weather}\n" + "\n".join(story.trace) + f"\n\n"
            f"{type(broken).__name__}: {what}\n"
            f"Replay: uv run python -m tests.simulation --seed {seed}{where}"
        ) from broken
    return story


def no_row_may_break() -> AbstractContextManager[object]:
    """The worker's rounds pass over a row that breaks; within the block it ends the story."""
    return mock.patch.object(observability, "_is_done", lambda _round, work, row: work(row))


class Story:
    """Everything random is drawn from the seed, in one order, so the same seed is the same story."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = Random(seed)
        self.ids = Random(f"ids {seed}")
        pays_from_bank = Random(f"bank {seed}").random() < _BANK_STORIES
        self.weather = Weather.of(self.random, pays_from_bank=pays_from_bank)
        self.promises = Promises(world)
        self.trace: list[str] = []
        self.counts: Counter[str] = Counter()
        self.asleep: list[Process] = []
        self.is_calm = False
        self._undelivered: list[ProcessorNotice] = []
        self._seen_notices = 0

    @property
    def today(self) -> date:
        return self.world.clock.today()

    def play(self) -> None:
        """Raises BrokenPromise, or whatever a process fails with."""
        self._begin()
        acts = self._acts()
        later = [self.random.choice(acts) for _ in range(self.weather.steps)]
        for act in [*self._openings(), *later]:
            act()
            self._collect_notices()
        self._calm_down()
        require_good_end(self.world, self.promises, self.people)

    def note(self, what: str) -> None:
        """Add a line to the trace: what our clock says, who does it, and what."""
        local = self.world.clock.now().astimezone(self.world.clock.zone)
        running = self.world.fates.running
        self.trace.append(f"{local:%a %m-%d %H:%M:%S%z} {running.name if running else '-':16} {what}")

    def start(self, name: str, work: Callable[[], object]) -> Process:
        """Let a process do it. What a member or the office is refused is no failure."""

        def do() -> None:
            try:
                self.note(f"did {done}" if (done := work()) is not None else "done")
            except Refusal as refusal:
                self.note(f"refused: {refusal.code}")
            except (RefundNotPossible, ReviewNotPossible) as sentence:
                self.note(f"not possible: {sentence}")

        process = Process(name, do, self.world.clock.true.now())
        self._go(process)
        return process

    def rounds(self) -> dict[str, Callable[[], object]]:
        """The worker's work, by kind."""
        payments = self.world.payments
        return {
            "events": payments.handle_notices,
            "lookups": payments.sweep,
            "refunds": payments.refunding.finish_due,
            "reviews": payments.reviews.expire_due,
            "scheduled": payments.scheduled_drafting.draft_due,
            "notices": payments.autopay_planning.plan_due,
            "autopay": payments.autopay_drafting.draft_due,
            "outbox": self.world.outbox.send_due,
        }

    def books(self) -> dict[str, object]:
        """What both sides hold at the end, to compare databases: no id that a database chose."""
        world = self.world
        return {
            "payments": [(*row[2:8], row.id, row.confirmation_number) for row in world.rows.payments()],
            "scheduled": [(row.id, row.state, row.reason) for row in world.rows.scheduled()],
            "autopay": sorted((*row[4:8], row.id) for row in world.rows.autopay_drafts()),
            "balances": [world.billing.summary(person.account_id).balance_cents for person in world.people],
            "processor": (list(world.gateway.charges.values()), list(world.gateway.refunds.values())),
            "texts": sorted((phone, body) for _, phone, body, _ in world.sender.texts),
        }

    def _begin(self) -> None:
        world, weather = self.world, self.weather
        world.empty(weather.starts_at)
        world.put_on_file("bank_account" if weather.pays_from_bank else "card")
        world.settings.drafts_at = weather_of_stories.DRAFTS_AT
        world.settings.fee_cents = weather.fee_cents
        world.settings.payment_day_max_cents = weather.day_max_cents
        world.fates.decide, world.fates.note = self._fate, self.note
        world.fates.after_commit = self.promises.check
        self.bank = Bank(self)
        self.people = People(self)
        self.people.bill(weather.due_on)

    def _openings(self) -> list[Act]:
        """A story about drafts mostly begins with one to come, or it would end before there is any."""
        openings: list[Act] = []
        if "schedule" in self.weather.features and self.random.random() < 0.7:
            openings.append(self.people.schedule)
        if "autopay" in self.weather.features and self.random.random() < 0.8:
            openings += [self.people.enroll, self._plan]
        return openings

    def _acts(self) -> list[Act]:
        """What may happen, as often as it is in the list."""
        people, bank = self.people, self.bank
        acts: list[Act] = [self._work] * 3 + [self._wait, self._wait_for_work, people.pay, self._new_bills]
        by_feature: dict[str, list[Act]] = {
            "pay": [people.pay],
            "schedule": [people.schedule, people.change, people.cancel, self._wait_for_drafts],
            "autopay": [people.enroll, people.change_autopay, self._plan, self._wait_for_drafts],
            "clock": [self._step_clock],
            "webhooks": [self._deliver, self._deliver],
            "refunds": [people.pay, bank.give_back, bank.give_back, bank.move_returns],
        }
        for feature in self.weather.features:
            acts += by_feature.get(feature, [])
        if self.weather.sleeps:
            acts += [self._wake, self._wake]
        if self.weather.bank != ("ok",):
            acts += [bank.decide_processing, bank.arrive_late, bank.review]
            if "clock" in self.weather.features:
                acts.append(self._step_clock_in_the_dark)
        return acts

    # Processes

    def _fate(self, what: str) -> Fate:
        self.counts["boundaries"] += 1
        fate: Fate = "go" if self.is_calm else self.weather.fate(self.random)
        if fate == "die" and what != "go on":
            self.counts["deaths"] += 1
        return fate

    def _go(self, process: Process) -> None:
        self.world.fates.run(process)
        if process.is_asleep:
            self.asleep.append(process)

    def _wake(self) -> None:
        """Somebody goes on, or turns out to be dead."""
        if self.asleep:
            self._wake_or_kill(0.2)

    def _wake_or_kill(self, kills: float) -> None:
        process = self.asleep.pop(self.random.randrange(len(self.asleep)))
        if self.random.random() < kills:
            self.note(f"{process.name} is killed")
            self.counts["deaths"] += 1
            process.kill()
        else:
            self._go(process)

    # The worker

    def _work(self) -> None:
        """One kind of its work, more often than not one that has something to do."""
        rounds = self.rounds()
        due = Calm(self).due() if self.random.random() < 0.9 else []
        name = self.random.choice(due or list(rounds))
        self.start(f"worker {name}", rounds[name])

    def _plan(self) -> None:
        """Tell of drafts to come, at the next time of day at which that is done."""
        hour = self.world.clock.now().astimezone(self.world.clock.zone).hour
        if not 9 <= hour < 20:
            self.world.clock.advance(timedelta(hours=(9 - hour) % 24))
        self.start("worker notices", self.rounds()["notices"])

    # Time and bills

    def _wait(self) -> None:
        self.world.clock.advance(timedelta(seconds=self.random.choice(_WAITS)))

    def _wait_for_work(self) -> None:
        """Until the next draft, lookup or text is due, and let the worker do it."""
        calm = Calm(self)
        calm.sleep_until_work()
        calm.work()

    def _wait_for_drafts(self) -> None:
        """Until the next draft is due; what else is due meanwhile is late."""
        calm = Calm(self)
        calm.sleep_until_drafts()
        due = [name for name in calm.due() if name in ("scheduled", "autopay")]
        for name in self.random.sample(due, len(due)):
            self.start(f"worker {name}", self.rounds()[name])
        if due and self.random.random() < 0.4:
            # An hour later, which is the same hour of the wall clock in the night that it falls back.
            self.world.clock.advance(timedelta(hours=1))
            for name in due:
                self.start(f"worker {name}", self.rounds()[name])

    def _step_clock(self) -> None:
        """Our machines' clock is set wrong, or right again."""
        self._set_clock(self.random.choice((-120, -60, -17, 0, 0, 17, 60, 120)))

    def _step_clock_in_the_dark(self) -> None:
        """A charge gets no answer, and the clock is set ahead before it is looked up."""
        self.bank.is_silent = True
        self.people.pay()
        self.bank.is_silent = False
        self._set_clock(self.random.choice((17, 60, 120)))
        calm = Calm(self)
        for _ in range(self.random.randrange(3, 6)):
            calm.work()
            calm.sleep_until_work()

    def _set_clock(self, minutes: int) -> None:
        """Only while nobody is in the middle of something."""
        if not self.asleep:
            self.world.clock.error = timedelta(minutes=minutes)
            self.note(f"the clock is {minutes} minutes ahead")

    def _new_bills(self) -> None:
        self.people.bill(self.weather.due_on + timedelta(days=self.random.randrange(1, 31)))

    # Webhooks

    def _collect_notices(self) -> None:
        notices = self.world.gateway.notices
        self._undelivered += notices[self._seen_notices :]
        self._seen_notices = len(notices)

    def _deliver(self) -> None:
        """One of the waiting events, any of them; it may come again."""
        if not self._undelivered:
            return
        notice = self.random.choice(self._undelivered)
        if self.random.random() < 0.7:
            self._undelivered.remove(notice)
        self._take(notice)
        if self.random.random() < 0.5:
            self.start("worker events", self.rounds()["events"])

    def _take(self, notice: ProcessorNotice) -> None:
        """Who dies before the thanks gets the event again."""
        if self.start(f"webhook {notice.event_id}", lambda: self.world.payments.take_notice(notice)).has_died:
            self._undelivered.append(notice)

    # The end

    def _calm_down(self) -> None:
        """Faults stop: the clock is right, who sleeps wakes up or dies, and the work goes on to its end."""
        self.note("-- calm --")
        self.is_calm = True
        self.world.clock.error = timedelta()
        while self.asleep:
            self._wake_or_kill(0.5)
        self.bank.arrive_late()
        self.bank.decide_processing()
        self.bank.end_returns()
        self._collect_notices()
        self.random.shuffle(self._undelivered)
        while self._undelivered:
            self._take(self._undelivered.pop())
        Calm(self).until_quiet()

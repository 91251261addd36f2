"""Puts the engine together: which handler reads which topic, which jobs run, and who wakes whom."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from services.status.cleanup.purge import EXPIRE_SECONDS, PURGE_SECONDS, Purge
from services.status.cleanup.unknown_folders import LOOK_SECONDS as UNKNOWN_FILES_SECONDS
from services.status.cleanup.unknown_folders import UnknownFiles
from services.status.cleanup.unnamed_files import SWEEP_SECONDS as REQUEST_FILES_SECONDS
from services.status.cleanup.unnamed_files import RequestFiles
from services.status.images.dispatcher import Dispatcher
from services.status.images.image_done import Completion
from services.status.images.losses import LOOK_SECONDS as LOSSES_SECONDS
from services.status.images.losses import Losses
from services.status.jobs.job import Job, Signal, Step
from services.status.jobs.set_aside import SetAside
from services.status.jobs.turns import LastTenant, Turns, Work
from services.status.jobs.wakes import Wakes
from services.status.postgres.statements import SQL
from services.status.rendering.links import Links
from services.status.requests.csv_accepted import Acceptance
from services.status.requests.deadlines import LOOK_SECONDS as DEADLINES_SECONDS
from services.status.requests.deadlines import Deadlines
from services.status.requests.ending import Ending
from services.status.requests.intake_limit import COUNT_SECONDS, Intake
from services.status.requests.planner import Planner
from services.status.requests.stuck import LOOK_SECONDS, StuckRequests
from services.status.settings import Settings
from services.status.webhooks.announcer import Announcer
from services.status.webhooks.scheduler import DeliveryScheduler
from services.status.webhooks.webhook_attempted import Deliveries
from shared.consuming.broker import Producer
from shared.consuming.handling import HandleBatch, Incoming, Outgoing, ReportDead
from shared.consuming.work import Admits
from shared.contract.events import Event, Topic
from shared.observing.health import Health
from shared.store import Store

# Small requests have planners and completers of their own, so that they never wait behind a large one.
ANY_SIZE = 2**31 - 1
SIZES = {"small": 2_000, "medium": 50_000, "any": ANY_SIZE}

IntakeLag = Callable[[], Awaitable[int]]  # messages of csv.accepted that nobody handled yet


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything that writes Postgres."""

    handlers: Mapping[Topic, HandleBatch[Any]]  # one subscription each
    reports: Mapping[Topic, ReportDead[Any]]
    admits: Mapping[Topic, Admits]  # of the topics that are held in an overflow
    jobs: Sequence[Job]

    async def report_dead(self, message: Incoming[Event]) -> Sequence[Outgoing]:
        """Tells the tables what a dead letter of one of these topics means for its request."""
        if message.topic is None:
            return ()
        return await self.reports[message.topic](message)


def build_engine(
    *,
    pool: asyncpg.Pool,
    store: Store,
    producer: Producer,
    settings: Settings,
    health: Health,
    intake_lag: IntakeLag,
) -> Engine:
    wakes = Wakes(tuple(Signal() for _ in SIZES), tuple(Signal() for _ in SIZES))
    links = Links(settings.public_url, settings.public_files_url)
    intake = Intake(pool, settings.max_backlog_images)
    acceptance = Acceptance(pool, wakes, intake, settings.request_deadline_seconds)
    completion = Completion(pool, wakes, links)
    deliveries = Deliveries(pool, wakes, settings.webhook_schedule)
    return Engine(
        handlers={
            Topic.CSV_ACCEPTED: acceptance.handle_batch,
            Topic.IMAGE_DONE: completion.handle_batch,
            Topic.WEBHOOK_ATTEMPTED: deliveries.handle_batch,
        },
        reports={
            Topic.CSV_ACCEPTED: acceptance.report_dead,
            Topic.IMAGE_DONE: completion.report_dead,
            Topic.WEBHOOK_ATTEMPTED: deliveries.report_dead,
        },
        admits={Topic.CSV_ACCEPTED: intake.admits},
        jobs=_Builder(pool, store, producer, settings, health, wakes, links, intake, intake_lag).jobs(),
    )


@dataclass(frozen=True, slots=True)
class _Builder:
    pool: asyncpg.Pool
    store: Store
    producer: Producer
    settings: Settings
    health: Health
    wakes: Wakes
    links: Links
    intake: Intake
    intake_lag: IntakeLag

    def jobs(self) -> Sequence[Job]:
        wakes, straight = self.wakes, self.settings.webhook_schedule[0] == 0
        purge, losses = Purge(self.pool, self.store), Losses(self.pool, wakes, self.links)
        deadlines = Deadlines(self.pool, wakes)
        return [
            *self._sized("planner", "find_unplanned", Planner(self.store, wakes).plan, wakes.planners),
            *self._sized("completer", "find_ending", self._ending().end, wakes.completers),
            self._job("dispatcher", Dispatcher(self.pool, self.producer).step, wakes.dispatcher),
            self._job("announcer", Announcer(self.pool, self.producer, straight).step, wakes.announcer),
            self._job("deliveries", DeliveryScheduler(self.pool, self.producer).step, wakes.deliveries),
            Job("losses", losses.step, self.health, poll_seconds=LOSSES_SECONDS),
            Job("deadlines", deadlines.step, self.health, poll_seconds=DEADLINES_SECONDS),
            Job(
                "purge",
                Turns(self.pool, SetAside("purge"), SQL["find_unpurged"], purge.purge, ANY_SIZE).step,
                self.health,
                poll_seconds=PURGE_SECONDS,
            ),
            *self._file_sweepers(),
            Job("stuck", StuckRequests(self.pool).step, self.health, poll_seconds=LOOK_SECONDS),
            Job("intake", self.intake.step, self.health, poll_seconds=COUNT_SECONDS),
            Job("expiry", purge.expire, self.health, poll_seconds=EXPIRE_SECONDS),
        ]

    def _file_sweepers(self) -> Iterator[Job]:
        removes = self.settings.sweep_files
        unknown = UnknownFiles(self.pool, self.store, self.intake_lag, removes)
        yield Job("unknown files", unknown.step, self.health, poll_seconds=UNKNOWN_FILES_SECONDS)
        if removes:
            sweep = RequestFiles(self.store).sweep
            turns = Turns(self.pool, SetAside("sweep"), SQL["find_unswept"], sweep, ANY_SIZE)
            yield Job("request files", turns.step, self.health, poll_seconds=REQUEST_FILES_SECONDS)

    def _ending(self) -> Ending:
        settings = self.settings
        return Ending(
            self.store,
            self.wakes,
            self.links,
            settings.completed_body_bytes,
            settings.retention_days,
            settings.webhook_schedule[0],
        )

    def _sized(self, name: str, find: str, work: Work, signals: Sequence[Signal]) -> Iterator[Job]:
        set_aside, last_tenant = SetAside(name), LastTenant()
        for (size, limit), signal in zip(SIZES.items(), signals, strict=True):
            turns = Turns(self.pool, set_aside, SQL[find], work, limit, last_tenant)
            yield self._job(f"{name} ({size})", turns.step, signal)

    def _job(self, name: str, step: Step, signal: Signal) -> Job:
        return Job(name, step, self.health, signal)

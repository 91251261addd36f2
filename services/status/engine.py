"""Puts the engine together: which handler reads what, which jobs run, and who wakes whom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import asyncpg

from services.status.cleanup import periods, purge, unknown_folders, unnamed_files
from services.status.cleanup.store_marks import OnlyTogether, StoreMarks
from services.status.images.dispatching.dispatcher import Dispatcher
from services.status.images.dispatching.resting import Resting
from services.status.images.settling import losses, repeats
from services.status.images.settling.gathering import Gathering
from services.status.images.settling.image_done import ImageResults
from services.status.jobs import left_behind
from services.status.jobs.job import Job, Signal, Step
from services.status.jobs.lag import Lag
from services.status.jobs.leases import Leases
from services.status.jobs.set_aside import SetAside
from services.status.jobs.turns import ANY_SIZE, LastTenant, RequestWork, Turns
from services.status.jobs.wakes import Wakes
from services.status.postgres.statements import SQL
from services.status.records.large_rows import LargeRows
from services.status.rendering.links import Links
from services.status.requests import deadlines, full_tenants, intake_limit, stuck
from services.status.requests.csv_accepted import Acceptance
from services.status.requests.ending import Ending
from services.status.requests.planner import Planner
from services.status.settings import Settings
from services.status.webhooks import unanswered
from services.status.webhooks.announcer import announcer
from services.status.webhooks.scheduler import delivery_scheduler
from services.status.webhooks.webhook_attempted import Deliveries
from shared.consuming.broker import Producer, Record, Rest, no_rest
from shared.consuming.handling import HandleBatch, ReportDead
from shared.consuming.member.commits import COMMIT_EVERY_SECONDS
from shared.consuming.work import BATCH_SECONDS, Admits, Gathers, admit_all, gather_briefly
from shared.contract.events import Topic
from shared.store import Store

RESULTS_COMMIT_SECONDS = 2.0  # a result that comes again is looked at and changes nothing
# Small requests have planners and completers of their own, so that they never wait behind a large one.
SIZES = {"small": 2_000, "medium": 50_000, "any": ANY_SIZE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lags:
    """What the broker says of each reader's topics."""

    intake: Lag  # csv.accepted
    processors: Lag  # image.requested
    results: Lag  # image.done
    notifiers: Lag  # request.completed and webhook.retry
    attempts: Lag  # webhook.attempted


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicReader:
    """What becomes of one topic's messages, and how they are taken."""

    handle_batch: HandleBatch[Any]
    report_dead: ReportDead[Any]  # tells the tables what a dead letter means for its request
    admits: Admits = admit_all  # none in an overflow
    gathers: Gathers = gather_briefly
    rest: Rest = no_rest  # after each look that found little
    commit_every_seconds: float = COMMIT_EVERY_SECONDS  # longer where messages may well come twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Everything that writes Postgres."""

    readers: Mapping[Topic, TopicReader]  # one subscription each
    jobs: Sequence[Job]
    wakes: Wakes  # to be told to others, and called by them


def build_engine(
    *,
    pool: asyncpg.Pool,
    store: Store,
    producer: Producer,
    settings: Settings,
    lags: Lags,
    large_rows: LargeRows,
) -> Engine:
    wakes = Wakes(planners=_signals(), completers=_signals())
    links = Links(settings.public_url, settings.public_files_url)
    intake = intake_limit.Intake(
        pool=pool, most_images=settings.max_backlog_images, tenant_share=settings.tenant_backlog_share
    )
    acceptance = Acceptance(pool, wakes, intake, settings.request_deadline_seconds)
    gathering, resting = Gathering(), Resting()
    dispatcher = Dispatcher(
        pool=pool,
        producer=producer,
        signal=wakes.dispatcher,
        gathering=gathering,
        resting=resting,
        images_left=intake.images_left,
    )
    results = ImageResults(pool, wakes, links, gathering, lambda: resting.seconds)
    deliveries = Deliveries(pool, wakes, settings.webhook_schedule)
    kept = periods.Periods(pool=pool, retention_days=settings.retention_days)
    make = _Jobs(pool=pool, leases=Leases(pool), store=store, producer=producer, wakes=wakes, lags=lags)
    return Engine(
        wakes=wakes,
        readers={
            Topic.CSV_ACCEPTED: _acceptances(acceptance, intake),
            Topic.IMAGE_DONE: _results(results, gathering, resting),
            Topic.WEBHOOK_ATTEMPTED: TopicReader(
                handle_batch=deliveries.handle_batch, report_dead=deliveries.report_dead
            ),
        },
        jobs=[
            Job(name="intake", step=intake.step, poll_seconds=intake_limit.COUNT_SECONDS),
            make.full_tenants(intake),
            Job(name="periods", step=kept.step, poll_seconds=periods.LOOK_SECONDS),
            *make.planners(Planner(store, wakes, large_rows), kept),
            *make.completers(_ending(store, wakes, links, large_rows, settings)),
            *make.request_watchers(),
            make.called("dispatcher", dispatcher.step, wakes.dispatcher),
            make.left_behind(dispatcher),
            make.losses(links),
            make.repeats(),
            *make.webhooks(straight_to_webhook=settings.webhook_schedule[0] == 0),
            *make.purges(),
            *make.file_sweeps(removes=settings.sweep_files),
        ],
    )


def _acceptances(acceptance: Acceptance, intake: intake_limit.Intake) -> TopicReader:
    return TopicReader(
        handle_batch=acceptance.handle_batch, report_dead=acceptance.report_dead, admits=intake.admits
    )


def _results(results: ImageResults, gathering: Gathering, resting: Resting) -> TopicReader:
    return TopicReader(
        handle_batch=results.handle_batch,
        report_dead=results.report_dead,
        gathers=partial(_gather_results, gathering),
        rest=resting.rest,
        commit_every_seconds=RESULTS_COMMIT_SECONDS,
    )


def _gather_results(gathering: Gathering, records: Sequence[Record], since_last_seconds: float) -> float:
    seconds = max(gathering.seconds(record.key for record in records), BATCH_SECONDS)
    return seconds - since_last_seconds


def _signals() -> tuple[Signal, ...]:
    return tuple(Signal() for _ in SIZES)


def _ending(store: Store, wakes: Wakes, links: Links, large_rows: LargeRows, settings: Settings) -> Ending:
    return Ending(
        store=store,
        wakes=wakes,
        links=links,
        large_rows=large_rows,
        body_bytes=settings.completed_body_bytes,
        retention_days=settings.retention_days,
        first_wait_seconds=settings.webhook_schedule[0],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Jobs:
    """Makes the engine's jobs. Its fields are what most of them work with."""

    pool: asyncpg.Pool
    leases: Leases
    store: Store
    producer: Producer
    wakes: Wakes
    lags: Lags

    def full_tenants(self, intake: intake_limit.Intake) -> Job:
        step = full_tenants.FullTenantsFile(self.store, intake).step
        return Job(name="full tenants", step=step, poll_seconds=full_tenants.LOOK_SECONDS)

    def planners(self, planner: Planner, kept: periods.Periods) -> Iterator[Job]:
        turns = self._in_turns_between_tenants("planner", SQL["find_unplanned"], planner.plan)
        for job in self._by_size(turns, self.wakes.planners):
            yield replace(job, step=periods.OncePeriodsAreMade(kept, job.step))

    def completers(self, ending: Ending) -> Iterator[Job]:
        turns = self._in_turns_between_tenants("completer", SQL["find_ending"], ending.end)
        return self._by_size(turns, self.wakes.completers)

    def request_watchers(self) -> Iterator[Job]:
        passing = deadlines.Deadlines(self.pool, self.wakes)
        yield Job(name="deadlines", step=passing.step, poll_seconds=deadlines.LOOK_SECONDS)
        yield Job(name="stuck", step=stuck.StuckRequests(self.pool).step, poll_seconds=stuck.LOOK_SECONDS)

    def left_behind(self, dispatcher: Dispatcher) -> Job:
        step = left_behind.LeftBehind(self.pool, self.wakes, lambda: dispatcher.leads).step
        return Job(name="left behind", step=step, poll_seconds=left_behind.LOOK_SECONDS)

    def losses(self, links: Links) -> Job:
        lost = losses.Losses(
            pool=self.pool,
            wakes=self.wakes,
            links=links,
            processors_lag=self.lags.processors,
            own_lag=self.lags.results,
        )
        return Job(name="losses", step=lost.step, poll_seconds=losses.LOOK_SECONDS)

    def repeats(self) -> Job:
        step = repeats.RepeatsInSteps(self.wakes).step
        turns = self._in_turns_between_tenants("repeats", SQL["find_repeats_left"], step)
        return self.called("repeats", turns.step, self.wakes.repeats)

    def webhooks(self, *, straight_to_webhook: bool) -> Iterator[Job]:
        announcing = announcer(self.pool, self.producer, straight_to_webhook=straight_to_webhook)
        yield self.called("announcer", announcing.step, self.wakes.announcer)
        scheduling = delivery_scheduler(self.pool, self.producer, self.wakes.deliveries)
        yield self.called("deliveries", scheduling.step, self.wakes.deliveries)
        unanswered_ones = unanswered.UnansweredDeliveries(
            pool=self.pool,
            wakes=self.wakes,
            notifiers_lag=self.lags.notifiers,
            own_lag=self.lags.attempts,
        )
        yield Job(name="unanswered", step=unanswered_ones.step, poll_seconds=unanswered.LOOK_SECONDS)

    def purges(self) -> Iterator[Job]:
        purging = purge.Purge(self.pool, self.store)
        turns = self._in_turns("purge", SQL["find_unpurged"], purging.purge)
        yield Job(name="expiry", step=purging.expire, poll_seconds=purge.EXPIRE_SECONDS)
        yield self.called("purge", turns.step, self.wakes.purge)

    def file_sweeps(self, *, removes: bool) -> Iterator[Job]:
        marks = StoreMarks(self.store)
        unknown = unknown_folders.UnknownFolders(
            pool=self.pool, store=self.store, marks=marks, intake_lag=self.lags.intake, removes=removes
        )
        yield Job(name="unknown files", step=unknown.step, poll_seconds=unknown_folders.LOOK_SECONDS)
        if not removes:
            return
        sweep = unnamed_files.UnnamedFiles(self.store).sweep
        turns = self._in_turns("sweep", SQL["find_unswept"], sweep)
        step = OnlyTogether(self.pool, marks, turns.step)
        yield Job(name="request files", step=step, poll_seconds=unnamed_files.SWEEP_SECONDS)

    def called(self, name: str, step: Step, signal: Signal) -> Job:
        """A job that looks by itself only while it is not told of what there is to do."""
        return Job(name=name, step=step, signal=signal, is_called=lambda: self.wakes.are_heard)

    def _in_turns(self, name: str, find: str, work: RequestWork) -> Turns:
        return Turns(pool=self.pool, leases=self.leases, set_aside=SetAside(name), find=find, work=work)

    def _in_turns_between_tenants(self, name: str, find: str, work: RequestWork) -> Turns:
        return replace(self._in_turns(name, find, work), last_tenant=LastTenant())

    def _by_size(self, turns: Turns, signals: Sequence[Signal]) -> Iterator[Job]:
        for (size, limit), signal in zip(SIZES.items(), signals, strict=True):
            step = replace(turns, max_images=limit).step
            yield self.called(f"{turns.set_aside.work} ({size})", step, signal)

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
    leases = Leases(pool)
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
    results = ImageResults(pool, wakes, links, gathering)
    deliveries = Deliveries(pool, wakes, settings.webhook_schedule)
    kept = periods.Periods(pool=pool, retention_days=settings.retention_days)
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
            _full_tenants(store, intake),
            Job(name="periods", step=kept.step, poll_seconds=periods.LOOK_SECONDS),
            *_planners(pool, leases, Planner(store, wakes, large_rows), kept, wakes),
            *_completers(pool, leases, _ending(store, wakes, links, large_rows, settings), wakes),
            *_request_watchers(pool, wakes),
            _called("dispatcher", dispatcher.step, wakes, wakes.dispatcher),
            _left_behind(pool, wakes, dispatcher),
            _losses(pool, wakes, links, lags),
            _repeats(pool, leases, wakes),
            *_webhook_jobs(pool, producer, wakes, settings, lags),
            *_purges(pool, leases, store, wakes),
            *_file_sweeps(pool, leases, store, lags.intake, removes=settings.sweep_files),
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


def _full_tenants(store: Store, intake: intake_limit.Intake) -> Job:
    step = full_tenants.FullTenantsFile(store, intake).step
    return Job(name="full tenants", step=step, poll_seconds=full_tenants.LOOK_SECONDS)


def _signals() -> tuple[Signal, ...]:
    return tuple(Signal() for _ in SIZES)


def _planners(
    pool: asyncpg.Pool, leases: Leases, planner: Planner, kept: periods.Periods, wakes: Wakes
) -> Iterator[Job]:
    turns = _in_turns_between_tenants(pool, leases, "planner", SQL["find_unplanned"], planner.plan)
    for job in _by_size(turns, wakes, wakes.planners):
        yield replace(job, step=periods.OncePeriodsAreMade(kept, job.step))


def _completers(pool: asyncpg.Pool, leases: Leases, ending: Ending, wakes: Wakes) -> Iterator[Job]:
    turns = _in_turns_between_tenants(pool, leases, "completer", SQL["find_ending"], ending.end)
    return _by_size(turns, wakes, wakes.completers)


def _in_turns_between_tenants(
    pool: asyncpg.Pool, leases: Leases, name: str, find: str, work: RequestWork
) -> Turns:
    return Turns(
        pool=pool, leases=leases, set_aside=SetAside(name), find=find, work=work, last_tenant=LastTenant()
    )


def _by_size(turns: Turns, wakes: Wakes, signals: Sequence[Signal]) -> Iterator[Job]:
    for (size, limit), signal in zip(SIZES.items(), signals, strict=True):
        step = replace(turns, max_images=limit).step
        yield _called(f"{turns.set_aside.work} ({size})", step, wakes, signal)


def _called(name: str, step: Step, wakes: Wakes, signal: Signal) -> Job:
    """A job that looks by itself only while it is not told of what there is to do."""
    return Job(name=name, step=step, signal=signal, is_called=lambda: wakes.are_heard)


def _left_behind(pool: asyncpg.Pool, wakes: Wakes, dispatcher: Dispatcher) -> Job:
    step = left_behind.LeftBehind(pool, wakes, lambda: dispatcher.leads).step
    return Job(name="left behind", step=step, poll_seconds=left_behind.LOOK_SECONDS)


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


def _request_watchers(pool: asyncpg.Pool, wakes: Wakes) -> Iterator[Job]:
    passing = deadlines.Deadlines(pool, wakes)
    yield Job(name="deadlines", step=passing.step, poll_seconds=deadlines.LOOK_SECONDS)
    yield Job(name="stuck", step=stuck.StuckRequests(pool).step, poll_seconds=stuck.LOOK_SECONDS)


def _losses(pool: asyncpg.Pool, wakes: Wakes, links: Links, lags: Lags) -> Job:
    lost = losses.Losses(
        pool=pool, wakes=wakes, links=links, processors_lag=lags.processors, own_lag=lags.results
    )
    return Job(name="losses", step=lost.step, poll_seconds=losses.LOOK_SECONDS)


def _repeats(pool: asyncpg.Pool, leases: Leases, wakes: Wakes) -> Job:
    step = repeats.RepeatsInSteps(wakes).step
    turns = _in_turns_between_tenants(pool, leases, "repeats", SQL["find_repeats_left"], step)
    return _called("repeats", turns.step, wakes, wakes.repeats)


def _webhook_jobs(
    pool: asyncpg.Pool, producer: Producer, wakes: Wakes, settings: Settings, lags: Lags
) -> Iterator[Job]:
    announcing = announcer(pool, producer, straight_to_webhook=settings.webhook_schedule[0] == 0)
    yield _called("announcer", announcing.step, wakes, wakes.announcer)
    scheduling = delivery_scheduler(pool, producer, wakes.deliveries)
    yield _called("deliveries", scheduling.step, wakes, wakes.deliveries)
    unanswered_ones = unanswered.UnansweredDeliveries(
        pool=pool, wakes=wakes, notifiers_lag=lags.notifiers, own_lag=lags.attempts
    )
    yield Job(name="unanswered", step=unanswered_ones.step, poll_seconds=unanswered.LOOK_SECONDS)


def _purges(pool: asyncpg.Pool, leases: Leases, store: Store, wakes: Wakes) -> Iterator[Job]:
    purging = purge.Purge(pool, store)
    turns = Turns(
        pool=pool, leases=leases, set_aside=SetAside("purge"), find=SQL["find_unpurged"], work=purging.purge
    )
    yield Job(name="expiry", step=purging.expire, poll_seconds=purge.EXPIRE_SECONDS)
    yield _called("purge", turns.step, wakes, wakes.purge)


def _file_sweeps(
    pool: asyncpg.Pool, leases: Leases, store: Store, intake_lag: Lag, *, removes: bool
) -> Iterator[Job]:
    marks = StoreMarks(store)
    unknown = unknown_folders.UnknownFolders(
        pool=pool, store=store, marks=marks, intake_lag=intake_lag, removes=removes
    )
    yield Job(name="unknown files", step=unknown.step, poll_seconds=unknown_folders.LOOK_SECONDS)
    if not removes:
        return
    sweep = unnamed_files.UnnamedFiles(store).sweep
    turns = Turns(pool=pool, leases=leases, set_aside=SetAside("sweep"), find=SQL["find_unswept"], work=sweep)
    step = OnlyTogether(pool, marks, turns.step)
    yield Job(name="request files", step=step, poll_seconds=unnamed_files.SWEEP_SECONDS)

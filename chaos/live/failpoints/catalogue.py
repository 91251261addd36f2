"""Every failpoint, by the row of docs/architecture.md's table of crashes whose gap it stands in. A test holds
that each names a function of the code, and that each row has one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

UNANNOUNCED = "ingest before csv.accepted is acknowledged"
UNANSWERED = "ingest after the ack, before the answer"
PLANNING = "status while planning"
FROZEN = "status frozen, or cut off from Postgres, in the middle of anything"
UNMARKED = "status after publishing, before marking"
PROCESSOR = "processor at any point"
POSTED = "notifier after the POST, before webhook.attempted"
# Not of the table; its page says it of the runner: an offset is committed after the effect is durable.
UNCOMMITTED = "after the effect, before the commit"


class Moment(Enum):
    BEFORE = "before the call"
    AFTER = "after it came back"


class Act(Enum):
    KILL = "kill -9"
    FREEZE = "SIGSTOP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failpoint:
    """`where` is module:function, as it is looked up when it is called. With `of`, only for an object with
    these attributes. Whoever comes by stands there for `stands_seconds` before it is done to him.
    """

    name: str
    role: str
    row: str
    where: str
    moment: Moment
    act: Act = Act.KILL
    of: Mapping[str, str] | None = None
    stands_seconds: float = 0.0


# Longer than any client of a broker takes to commit by itself what it has handed out.
LATE_SECONDS = 8.0


def _status(  # noqa: PLR0917 - a row of the list below
    name: str, row: str, where: str, moment: Moment, act: Act = Act.KILL, of: Mapping[str, str] | None = None
) -> Failpoint:
    place = f"services.status.{where}"
    return Failpoint(name=name, role="status", row=row, where=place, moment=moment, act=act, of=of)


def _other(role: str, name: str, row: str, where: str, moment: Moment) -> Failpoint:
    return Failpoint(name=name, role=role, row=row, where=where, moment=moment)


_ACCEPTOR = "services.ingest.acceptance.acceptor:Acceptor"
_HANDLER = "services.processor.handler"
_PUBLISH = "images.dispatching.dispatcher:Dispatcher._publish"
_OUTBOX = "jobs.publishing:Outbox._execute"
_PUBLISHED = "shared.consuming.containment:Containment._published"
_ANNOUNCER, _SCHEDULER = {"mark": "mark_completions"}, {"mark": "mark_deliveries_asked"}
B, A = Moment.BEFORE, Moment.AFTER

FAILPOINTS: Sequence[Failpoint] = (
    _other("ingest", "upload stored, no ledger entry", UNANNOUNCED, f"{_ACCEPTOR}._enter", B),
    _other("ingest", "upload stored, not announced", UNANNOUNCED, f"{_ACCEPTOR}.announce", B),
    _other("ingest", "upload announced, not answered", UNANSWERED, f"{_ACCEPTOR}.announce", A),
    _status("rows copied, chunk not committed", PLANNING, "requests.planner:_copy", A),
    _status("chunk committed, more to plan", PLANNING, "requests.planner:Planner._write", A),
    _status("images claimed, not published", UNMARKED, _PUBLISH, B),
    _status("images published, not marked", UNMARKED, _PUBLISH, A),
    _status("ends published, not marked", UNMARKED, _OUTBOX, B, of=_ANNOUNCER),
    _status("retries published, not marked", UNMARKED, _OUTBOX, B, of=_SCHEDULER),
    _status("frozen while it plans", FROZEN, "requests.planner:_copy", A, Act.FREEZE),
    _status("frozen with the lead", FROZEN, _PUBLISH, B, Act.FREEZE),
    _status("frozen while it settles", FROZEN, "images.settling.image_done:settle", A, Act.FREEZE),
    _status("frozen before it ends a run", FROZEN, "requests.ending:Ending._end", B, Act.FREEZE),
    _status("frozen in an announcement", FROZEN, _OUTBOX, B, Act.FREEZE, of=_ANNOUNCER),
    _status("results settled, not committed", UNCOMMITTED, "images.settling.image_done:settle", A),
    _status("output written, run not ended", UNCOMMITTED, "requests.ending:Ending._write_csv", A),
    _status("run ended, not announced", UNCOMMITTED, "requests.ending:Ending._end", A),
    _status("ends marked as published", UNCOMMITTED, _OUTBOX, A, of=_ANNOUNCER),
    Failpoint(
        name="request taken and long not recorded",
        role="status",
        row=UNCOMMITTED,
        where="services.status.requests.csv_accepted:Acceptance.handle_batch",
        moment=B,
        stands_seconds=LATE_SECONDS,
    ),
    _status("request recorded", UNCOMMITTED, "requests.csv_accepted:Acceptance.handle_batch", A),
    _status("results recorded", UNCOMMITTED, "images.settling.image_done:ImageResults.handle_batch", A),
    _status("attempts recorded", UNCOMMITTED, "webhooks.webhook_attempted:Deliveries.handle_batch", A),
    _other("processor", "image fetched, not compressed", PROCESSOR, f"{_HANDLER}:_kept_and_compressed", B),
    _other("processor", "image compressed, not stored", PROCESSOR, f"{_HANDLER}:_store", B),
    _other("processor", "image stored, not told", PROCESSOR, f"{_HANDLER}:_store", A),
    _other("processor", "image told, not committed", PROCESSOR, _PUBLISHED, A),
    _other("notifier", "webhook posted, not told", POSTED, "services.notifier.poster:HttpPoster.post", A),
    _other("notifier", "webhook told, not committed", UNCOMMITTED, _PUBLISHED, A),
)

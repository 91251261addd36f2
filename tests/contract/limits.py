"""Every bound in one list, with its value from the code, and the tables of docs/limits.md made from it.

`python -m tests.contract.limits` writes the page anew: run it after a bound has changed.
"""

import dataclasses
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, assert_never

from tests.contract.made_parts import with_part

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
BEGIN = "<!-- made by python -m tests.contract.limits -->\n"
HEAD = "| what | at most | setting | beyond it |\n|---|---|---|---|\n"
KIBI, MEBI, MINUTE, HOUR = 1024, 1024**2, 60, 3_600


class Unit(Enum):
    BYTES = "bytes"
    SECONDS = "seconds"
    CHARACTERS = "characters"
    DAYS = "days"
    SHARE = "share"
    COUNT = ""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """One row. `at` names the constant, the field of a class of limits, or the setting: `module:NAME`."""

    what: str
    at: str
    beyond: str
    unit: Unit = Unit.COUNT

    @property
    def setting(self) -> str | None:
        name = self.at.partition("Settings.")[2]
        return name.upper() or None

    def value(self) -> Any:
        module, _, path = self.at.partition(":")
        owner, _, name = path.rpartition(".")
        found = importlib.import_module(module)
        return getattr(found, name) if not owner else _default(getattr(found, owner), name)

    def shown(self) -> str:
        return _shown(self.value(), self.unit)


def _default(owner: Any, name: str) -> Any:
    if hasattr(owner, "model_fields"):
        return owner.model_fields[name].default
    return next(each.default for each in dataclasses.fields(owner) if each.name == name)


def _shown(value: Any, unit: Unit) -> str:
    match value:
        case int() | float():
            return _number(value, unit)
        case tuple():
            return ", ".join(_shown(each, unit) for each in value)
        case str():
            return value
        case _:
            return "by the machine"


def _number(value: float, unit: Unit) -> str:
    match unit:
        case Unit.BYTES:
            return _bytes(int(value))
        case Unit.SECONDS:
            return _seconds(value)
        case Unit.SHARE:
            return f"{value:.0%}"
        case Unit.CHARACTERS | Unit.DAYS:
            return f"{int(value):,} {unit.value}"
        case Unit.COUNT:
            return f"{int(value):,}"
        case _:
            assert_never(unit)


def _bytes(value: int) -> str:
    for name, size in (("GB", 10**9), ("MiB", MEBI), ("MB", 10**6), ("KiB", KIBI)):
        if value >= size and value % size == 0:
            return f"{value // size:,} {name}"
    return f"{value:,} bytes"


def _seconds(value: float) -> str:
    for name, size in (("h", HOUR), ("min", MINUTE)):
        if value >= size and value != MINUTE and value % size == 0:
            return f"{value // size:g} {name}"
    return f"{value:g} s"


INGEST, STATUS = "services.ingest.settings:Settings.", "services.status.settings:Settings."
PROCESSOR, NOTIFIER = "services.processor.settings:Settings.", "services.notifier.settings:Settings."
CSV, FORM = "services.ingest.csv_file.limits:CsvLimits.", "services.ingest.form."
TOO_LARGE = "413 `too-large`, with the row"
WORKBOOK = "services.ingest.workbook."
BROKEN_WORKBOOK = "400 `damaged_workbook`"
SHEET, BEYOND_WORKBOOK = "services.status.rendering.workbook.sheet:", "422 `beyond-workbook`; take the CSV"

UPLOAD = (
    Bound(what="the CSV", at=INGEST + "max_file_bytes", unit=Unit.BYTES, beyond="413 `too-large`"),
    Bound(
        what="the form around it",
        at=FORM + "reader:OVERHEAD_BYTES",
        unit=Unit.BYTES,
        beyond="413 `too-large`",
    ),
    Bound(what="parts of the form", at=FORM + "builder:MAX_PARTS", beyond="400 `invalid-form`"),
    Bound(
        what="a field of the form",
        at=FORM + "builder:MAX_FIELD_BYTES",
        unit=Unit.BYTES,
        beyond="400 `invalid-form`",
    ),
    Bound(
        what="names of columns with images in the field `columns`",
        at=FORM + "columns:MOST_NAMES",
        beyond="400 `invalid-form`",
    ),
    Bound(
        what="the file's name",
        at=FORM + "filename:MAX_FILENAME_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="the rest is cut off",
    ),
    Bound(
        what="an Idempotency-Key",
        at="services.ingest.api.idempotency_key:MAX_KEY_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="400",
    ),
    Bound(what="rows", at=INGEST + "max_rows", beyond=TOO_LARGE),
    Bound(what="images", at=INGEST + "max_images", beyond=TOO_LARGE),
    Bound(what="blank rows", at=CSV + "blank_rows", beyond=TOO_LARGE),
    Bound(what="columns", at=INGEST + "max_columns", beyond=TOO_LARGE),
    Bound(what="image URLs in a row", at=INGEST + "max_urls_per_row", beyond=TOO_LARGE),
    Bound(
        what="a cell, and a line",
        at=INGEST + "max_cell_characters",
        unit=Unit.CHARACTERS,
        beyond=TOO_LARGE,
    ),
    Bound(what="a row", at=INGEST + "max_row_characters", unit=Unit.CHARACTERS, beyond=TOO_LARGE),
    Bound(what="lines in a row", at=CSV + "row_lines", beyond=TOO_LARGE),
    Bound(
        what="a URL, of an image or a webhook",
        at="shared.contract.limits:MAX_URL_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="the row is invalid; of a webhook, 400",
    ),
    Bound(
        what="the host of a URL, of an image or a webhook",
        at="services.ingest.url_host:MAX_HOST_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="the row is invalid; of a webhook, 400",
    ),
    Bound(
        what="a label of that host",
        at="services.ingest.url_host:MAX_LABEL_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="the row is invalid; of a webhook, 400",
    ),
    Bound(
        what="rows with titles above the header",
        at="services.ingest.csv_file.header.search:MOST_TITLE_ROWS",
        beyond="400: the header is not found",
    ),
    Bound(what="errors that one answer lists", at=CSV + "errors_listed", beyond="only counted"),
    Bound(
        what="distinct URLs whose repeats are found, in slots of which three quarters are used",
        at="services.ingest.csv_file.image_urls.memory:MOST_SLOTS",
        beyond="a repeat is fetched again",
    ),
    Bound(
        what="a file whose URLs are remembered as they are, not by digests in those slots",
        at="services.ingest.csv_file.image_urls.memory:PLAIN_FILE_BYTES",
        unit=Unit.BYTES,
        beyond="by digests, which takes longer",
    ),
    Bound(
        what="what they may take",
        at="services.ingest.csv_file.image_urls.memory:PLAIN_BYTES",
        unit=Unit.BYTES,
        beyond="the others by digests",
    ),
    Bound(
        what="silence of an upload",
        at=INGEST + "silence_seconds",
        unit=Unit.SECONDS,
        beyond="408 `too-slow`",
    ),
    Bound(
        what="what must come in that time, at least",
        at=FORM + "reader:PACE_BYTES",
        unit=Unit.BYTES,
        beyond="it counts as silence",
    ),
    Bound(
        what="an upload altogether",
        at=INGEST + "upload_seconds",
        unit=Unit.SECONDS,
        beyond="408 `too-slow`",
    ),
    Bound(
        what="a step with the store",
        at="services.ingest.acceptance.store_step:STORE_SECONDS",
        unit=Unit.SECONDS,
        beyond="503",
    ),
    Bound(
        what="its header and options, as one message",
        at="shared.kafka.producer:MAX_MESSAGE_BYTES",
        unit=Unit.BYTES,
        beyond="413 `too-large`",
    ),
)

WORKBOOKS = (
    Bound(
        what="its sheet as a CSV, whose bounds hold too",
        at=INGEST + "max_file_bytes",
        unit=Unit.BYTES,
        beyond=TOO_LARGE,
    ),
    Bound(
        what="markup that is read, unpacked",
        at=WORKBOOK + "limits:WorkbookLimits.unpacked_bytes",
        unit=Unit.BYTES,
        beyond="413 `too-large`",
    ),
    Bound(
        what="elements of it",
        at=WORKBOOK + "limits:WorkbookLimits.elements",
        beyond="413 `too-large`",
    ),
    Bound(
        what="a tag or a comment",
        at=WORKBOOK + "limits:TOKEN_BYTES",
        unit=Unit.BYTES,
        beyond=BROKEN_WORKBOOK,
    ),
    Bound(what="names in a part", at=WORKBOOK + "limits:MOST_NAMES", beyond=BROKEN_WORKBOOK),
    Bound(
        what="all of these names",
        at=WORKBOOK + "limits:NAME_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond=BROKEN_WORKBOOK,
    ),
    Bound(what="elements in one another", at=WORKBOOK + "limits:MOST_DEPTH", beyond=BROKEN_WORKBOOK),
    Bound(
        what="the directory of its ZIP",
        at=WORKBOOK + "limits:DIRECTORY_BYTES",
        unit=Unit.BYTES,
        beyond=BROKEN_WORKBOOK,
    ),
    Bound(what="columns of a sheet", at=WORKBOOK + "limits:MOST_COLUMNS", beyond=TOO_LARGE),
    Bound(what="rows of a sheet (.xlsx)", at=WORKBOOK + "limits:MOST_ROWS", beyond=BROKEN_WORKBOOK),
    Bound(
        what="sheets in which the needed columns are looked for",
        at=WORKBOOK + "limits:MOST_SHEETS",
        beyond="the others are not looked at",
    ),
    Bound(
        what="sheets that are listed (.xlsx)",
        at=WORKBOOK + "xlsx.workbook:MOST_LISTED",
        beyond=BROKEN_WORKBOOK,
    ),
    Bound(what="styles", at=WORKBOOK + "limits:MOST_STYLES", beyond=BROKEN_WORKBOOK),
    Bound(
        what="all addresses behind texts (.xlsx)",
        at=WORKBOOK + "limits:LINK_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="413 `too-large`",
    ),
    Bound(
        what="cells that have one (.xlsx)",
        at=WORKBOOK + "xlsx.hyperlinks:MOST_CELLS",
        beyond="413 `too-large`",
    ),
    Bound(
        what="rows in which addresses tell the column of images (.xlsx)",
        at=WORKBOOK + "xlsx.behind_rows:LINKED_ROWS",
        beyond="the others are not looked at",
    ),
    Bound(
        what="cells that go over several rows (.xlsx)",
        at=WORKBOOK + "limits:MOST_MERGES",
        beyond="413 `too-large`",
    ),
)

SHARES = (
    Bound(
        what="uploads under way in a process; of a tenant alone half",
        at=INGEST + "max_uploads",
        beyond="503 `busy`, 429 `too-many-uploads`",
    ),
    Bound(
        what="disk that they hold, five times the size of each; of a tenant alone half",
        at=INGEST + "max_disk_bytes",
        unit=Unit.BYTES,
        beyond="503, 429 `too-many-uploads`",
    ),
    Bound(
        what="disk that an upload takes at a time beyond that",
        at="services.ingest.admission.disk:STEP_BYTES",
        unit=Unit.BYTES,
        beyond="503 in the middle",
    ),
    Bound(
        what="accepted requests that status has not taken",
        at=INGEST + "max_waiting_requests",
        beyond="503 `queue-full`",
    ),
    Bound(
        what="open images of all requests",
        at=STATUS + "max_backlog_images",
        beyond="accepted uploads wait in Kafka",
    ),
    Bound(
        what="of them those of one tenant",
        at=STATUS + "tenant_backlog_share",
        unit=Unit.SHARE,
        beyond="429 `too-many-images`",
    ),
    Bound(
        what="calls of a tenant to an ingest process in a minute",
        at=INGEST + "requests_per_minute",
        beyond="429",
    ),
    Bound(
        what="calls of a tenant to a status process in a minute",
        at=STATUS + "requests_per_minute",
        beyond="429",
    ),
    Bound(
        what="days for which a key may be issued",
        at="services.ingest.issue_key:LONGEST_DAYS",
        unit=Unit.DAYS,
        beyond="no key is issued",
    ),
    Bound(what="rows of a tenant in a minute", at=INGEST + "rows_per_minute", beyond="429"),
    Bound(
        what="bytes of a tenant in a minute",
        at=INGEST + "bytes_per_minute",
        unit=Unit.BYTES,
        beyond="429",
    ),
)

DECODER, FETCH = "services.processor.decoders.limits:DecoderLimits.", "services.processor.fetching.fetcher:"
IMAGES = (
    Bound(
        what="an image as it is fetched",
        at=PROCESSOR + "max_image_bytes",
        unit=Unit.BYTES,
        beyond="`too_large`",
    ),
    Bound(what="its pixels", at=PROCESSOR + "max_image_pixels", beyond="`too_many_pixels`"),
    Bound(
        what="frames of an animation",
        at="services.processor.codec.opening:MAX_FRAMES",
        beyond="the image fails",
    ),
    Bound(
        what="a PNG's colour profile, unpacked",
        at="services.processor.codec.png.sound_chunks:MAX_PROFILE_BYTES",
        unit=Unit.BYTES,
        beyond="it is left out, as browsers do",
    ),
    Bound(
        what="the head of its host's answer, as of a webhook's receiver",
        at="shared.outbound.answer:HEAD_BYTES",
        unit=Unit.BYTES,
        beyond="`connection_lost`",
    ),
    Bound(
        what="answers of its host that only say it is still to come (1xx), as of a webhook's receiver",
        at="shared.outbound.answer:MAX_INTERIM_ANSWERS",
        beyond="`connection_lost`",
    ),
    Bound(what="redirects", at=FETCH + "MAX_REDIRECTS", beyond="`too_many_redirects`"),
    Bound(
        what="fetching it",
        at=PROCESSOR + "fetch_seconds",
        unit=Unit.SECONDS,
        beyond="`timed_out`, `too_slow`: comes again",
    ),
    Bound(
        what="bytes in a second, at least, once some seconds have passed",
        at=FETCH + "FetchLimits.least_bytes_per_second",
        beyond="`too_slow`",
    ),
    Bound(
        what="CPU for decoding and encoding it",
        at=PROCESSOR + "decode_seconds",
        unit=Unit.SECONDS,
        beyond="`crashed_decoder`",
    ),
    Bound(
        what="memory of a decoder",
        at=PROCESSOR + "decoder_memory_bytes",
        unit=Unit.BYTES,
        beyond="`crashed_decoder`",
    ),
    Bound(
        what="the same where nothing is set, on a large machine",
        at="services.processor.settings:MOST_DECODER_BYTES",
        unit=Unit.BYTES,
        beyond="`crashed_decoder`",
    ),
    Bound(
        what="tiny images on their way to one decoder",
        at="services.processor.decoders.turns:TINY_TOGETHER",
        beyond="they wait for their turn",
    ),
    Bound(what="pixels of a tiny one", at=DECODER + "tiny_pixels", beyond="it has a decoder for itself"),
    Bound(
        what="the same in bytes",
        at=DECODER + "tiny_bytes",
        unit=Unit.BYTES,
        beyond="it has a decoder for itself",
    ),
    Bound(
        what="images that a decoder makes before it is replaced",
        at=DECODER + "recycle_images",
        beyond="a new one",
    ),
    Bound(
        what="an image that was asked for, until a processor takes it",
        at="services.status.images.window:TAKE_BY_SECONDS",
        unit=Unit.SECONDS,
        beyond="given back, comes again",
    ),
    Bound(
        what="one attempt",
        at="services.processor.handler:ATTEMPT_SECONDS",
        unit=Unit.SECONDS,
        beyond="given back, comes again",
    ),
    Bound(what="failures", at="services.status.images.rules:MAX_FAILURES", beyond="the image has failed"),
    Bound(what="losses", at="services.status.images.rules:MAX_LOSSES", beyond="`abandoned`"),
    Bound(
        what="refusals by its host (429, 503 with Retry-After), of everything or of this image",
        at="services.processor.fetching.host_gate:REFUSES_SECONDS",
        unit=Unit.SECONDS,
        beyond="`http_429`",
    ),
    Bound(
        what="the wait before it is asked for again",
        at="services.status.images.rules:LONGEST_BACKOFF_SECONDS",
        unit=Unit.SECONDS,
        beyond="",
    ),
    Bound(
        what="a Retry-After that is believed",
        at="shared.outbound.retry_after:LONGEST_SECONDS",
        unit=Unit.SECONDS,
        beyond="asked again then",
    ),
    Bound(
        what="the detail that is kept of a failure",
        at="services.status.images.settling.settle:MAX_DETAIL_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="the rest is cut off",
    ),
    Bound(
        what="a run",
        at=STATUS + "request_deadline_seconds",
        unit=Unit.SECONDS,
        beyond="what is open then fails as `expired`",
    ),
    Bound(
        what="days that an ended request is kept",
        at=STATUS + "retention_days",
        unit=Unit.DAYS,
        beyond="404",
    ),
)

WORK = (
    Bound(
        what="images under way in a processor",
        at=PROCESSOR + "concurrency",
        beyond="they wait in Kafka",
    ),
    Bound(
        what="requests of a processor to one host",
        at=PROCESSOR + "requests_per_host",
        beyond="they wait",
    ),
    Bound(
        what="bodies above 1 MiB in memory",
        at=FETCH + "FetchLimits.large_bodies",
        beyond="they wait; no more work is taken",
    ),
    Bound(
        what="the largest body that is not counted among those",
        at=FETCH + "SMALL_BODY_BYTES",
        unit=Unit.BYTES,
        beyond="it waits for memory",
    ),
    Bound(what="decoders", at=PROCESSOR + "decoders", beyond="images wait for one"),
    Bound(
        what="pixels decoded at once",
        at=PROCESSOR + "max_pixels_in_flight",
        beyond="images wait",
    ),
    Bound(
        what="decoding that waits ahead",
        at="services.processor.decoders.turns:MOST_AHEAD_SECONDS",
        unit=Unit.SECONDS,
        beyond="one image of each request is at work; the others wait unfetched",
    ),
    Bound(
        what="memory used",
        at=PROCESSOR + "max_memory_used",
        unit=Unit.SHARE,
        beyond="no more work is taken, `/readyz` 503",
    ),
    Bound(
        what="disk used",
        at=PROCESSOR + "max_disk_used",
        unit=Unit.SHARE,
        beyond="no more work is taken, `/readyz` 503",
    ),
    Bound(
        what="of the images under way in a processor, those that wait for hosts that refuse",
        at="services.processor.fetching.host_gates:MOST_WAITING_SHARE",
        unit=Unit.SHARE,
        beyond="given back, come again",
    ),
    Bound(
        what="until such an image comes again, where its host did not say when",
        at="services.processor.fetching.host_gate:LONGEST_PROMISE_SECONDS",
        unit=Unit.SECONDS,
        beyond="given back again",
    ),
    Bound(
        what="images that are out at hosts that refuse",
        at="services.status.images.hosts.limited_hosts:PLACES",
        beyond="they wait in status",
    ),
    Bound(
        what="hosts that a processor remembers",
        at="services.processor.fetching.host_gates:MAX_HOSTS",
        beyond="those not met lately are forgotten",
    ),
    Bound(
        what="names being looked up",
        at="shared.outbound.resolver:MAX_LOOKUPS",
        beyond="they wait",
    ),
    Bound(
        what="addresses of a name that are tried",
        at="shared.outbound.resolver:MAX_ADDRESSES",
        beyond="the others are left out",
    ),
)

POSTS = "services.notifier.receivers:Limits."
WEBHOOKS = (
    Bound(
        what="the body, products included",
        at=STATUS + "completed_body_bytes",
        unit=Unit.BYTES,
        beyond="products are left out, `products_truncated`",
    ),
    Bound(
        what="one post",
        at="services.notifier.poster:ATTEMPT_SECONDS",
        unit=Unit.SECONDS,
        beyond="a failed attempt",
    ),
    Bound(
        what="the waits before its attempts",
        at=STATUS + "webhook_schedule",
        unit=Unit.SECONDS,
        beyond="`exhausted`",
    ),
    Bound(
        what="the receiver's answer that is read",
        at="services.notifier.poster:ANSWER_BYTES",
        unit=Unit.BYTES,
        beyond="dropped",
    ),
    Bound(
        what="of that, what is kept",
        at="services.notifier.excerpt:KEPT_BYTES",
        unit=Unit.BYTES,
        beyond="dropped",
    ),
    Bound(
        what="posts under way in a notifier",
        at=NOTIFIER + "concurrency",
        beyond="they wait in Kafka",
    ),
    Bound(what="of them at an endpoint that is new or slow", at=POSTS + "unproven", beyond="deferred"),
    Bound(what="at one that has proved to be quick", at=POSTS + "proven", beyond="deferred"),
    Bound(what="at one host", at=POSTS + "host", beyond="deferred"),
    Bound(what="places of one tenant", at=POSTS + "tenant", beyond="deferred"),
    Bound(
        what="places of one tenant that hang",
        at=POSTS + "tenant_hanging",
        beyond="only its quick endpoints go on",
    ),
    Bound(
        what="places of everybody that hang",
        at=POSTS + "everyone_hanging",
        beyond="only quick endpoints go on",
    ),
    Bound(
        what="the body of one place",
        at="services.notifier.receivers:PLACE_BYTES",
        unit=Unit.BYTES,
        beyond="it takes several places",
    ),
    Bound(
        what="endpoints that are remembered",
        at="services.notifier.receivers:ENDPOINTS_REMEMBERED",
        beyond="those not met lately are forgotten",
    ),
    Bound(
        what="the pause of a broken receiver",
        at="services.notifier.receivers:LONGEST_PAUSE_SECONDS",
        unit=Unit.SECONDS,
        beyond="one probe",
    ),
)

READERS, STALLED = "shared.web.readers:", "shared.web.server.stalled_readers:"
ANSWERS = (
    Bound(what="items of a page", at="services.status.api.parameters:LARGEST_PAGE", beyond="400"),
    Bound(
        what="what is searched for",
        at="services.status.api.parameters:LONGEST_SEARCH_CHARACTERS",
        beyond="400",
        unit=Unit.CHARACTERS,
    ),
    Bound(
        what="requests that one search looks through",
        at="services.status.reading.reader:LOOKED_THROUGH_REQUESTS",
        beyond="`next` goes on",
    ),
    Bound(
        what="requests of each state that `GET /v1/usage` sums",
        at="services.status.reading.reader:COUNTED_REQUESTS",
        beyond="the newest; `whole` is false",
    ),
    Bound(
        what="events of a page",
        at="services.status.reading.reader:COMPLETIONS_BYTES",
        unit=Unit.BYTES,
        beyond="the page ends before; `next` goes on",
    ),
    Bound(
        what="the file's name in a download",
        at="shared.contract.csv_files:LONGEST_NAME",
        unit=Unit.CHARACTERS,
        beyond="the rest is cut off",
    ),
    Bound(
        what="an image of `images.zip` that is held before it is sent",
        at="services.status.reading.archive_stream:HELD_BYTES",
        unit=Unit.BYTES,
        beyond="its size and checksum stand behind it",
    ),
    Bound(
        what="images of `images.zip` that are read at a time",
        at="services.status.reading.reader:ARCHIVE_PAGE_IMAGES",
        beyond="the next come with another statement",
    ),
    Bound(
        what="a product's name in a file's name of `images.zip`",
        at="services.status.rendering.archive.names:LONGEST_NAME_BYTES",
        unit=Unit.BYTES,
        beyond="the rest is cut off",
    ),
    Bound(
        what="a serial number in the same",
        at="services.status.rendering.archive.names:LONGEST_SERIAL_BYTES",
        unit=Unit.BYTES,
        beyond="the rest is cut off",
    ),
    Bound(
        what="`?wait=`",
        at="services.status.api.parameters:LONGEST_WAIT_SECONDS",
        unit=Unit.SECONDS,
        beyond="answered then",
    ),
    Bound(
        what="an event stream",
        at="services.status.api.event_stream:LIFETIME_SECONDS",
        unit=Unit.SECONDS,
        beyond="it ends; connect again",
    ),
    Bound(
        what="rows of the output as a workbook, the header among them",
        at=SHEET + "MOST_ROWS",
        beyond=BEYOND_WORKBOOK,
    ),
    Bound(
        what="a cell of it",
        at=SHEET + "MOST_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond=BEYOND_WORKBOOK,
    ),
    Bound(
        what="the markup of its sheet",
        at=SHEET + "MOST_BYTES",
        unit=Unit.BYTES,
        beyond=BEYOND_WORKBOOK,
    ),
    Bound(
        what="what all answers of a process hold for readers; for a tenant alone half",
        at=READERS + "MOST_BYTES",
        unit=Unit.BYTES,
        beyond="503 `busy`, 429 `too-many-readers`",
    ),
    Bound(what="of it, a stream", at=READERS + "STREAM_BYTES", unit=Unit.BYTES, beyond=""),
    Bound(
        what="of it, a stream that is made page by page",
        at="services.status.api.answers.streaming:PAGED_STREAM_BYTES",
        unit=Unit.BYTES,
        beyond="",
    ),
    Bound(what="of it, who waits for news", at=READERS + "LISTENER_BYTES", unit=Unit.BYTES, beyond=""),
    Bound(
        what="the largest answer that goes out at once",
        at=READERS + "PIECE_BYTES",
        unit=Unit.BYTES,
        beyond="it goes in pieces, and counts",
    ),
    Bound(
        what="time in which a reader takes nothing",
        at=STALLED + "STALLED_SECONDS",
        unit=Unit.SECONDS,
        beyond="cut off",
    ),
    Bound(
        what="unsent bytes of a reader that are no sign of it",
        at=STALLED + "UNSENT_BYTES",
        unit=Unit.BYTES,
        beyond="",
    ),
    Bound(
        what="a call's read of Postgres",
        at="services.status.postgres.bounded_reads:READ_SECONDS",
        unit=Unit.SECONDS,
        beyond="503; a stream tries again",
    ),
    Bound(
        what="connections of a process to Postgres that read for callers",
        at="services.status.postgres.pool:READERS_CONNECTIONS",
        beyond="calls wait for one, then 503",
    ),
    Bound(
        what="tries of one page of a stream",
        at="services.status.reading.database:MOST_TRIES",
        beyond="the stream breaks off",
    ),
    Bound(
        what="the head of a call",
        at="shared.web.server.connections:HEAD_SECONDS",
        unit=Unit.SECONDS,
        beyond="the connection is closed",
    ),
    Bound(
        what="bytes that are neither a head nor a body",
        at="shared.web.server.connections:MAX_UNREADABLE_BYTES",
        unit=Unit.BYTES,
        beyond="of a head 431 `too-large`; the connection is closed",
    ),
)

TAKEN = "shared.consuming.work:"
MEMORY = (
    Bound(
        what="a part of an object on its way to a bucket",
        at="shared.store.parts:PART_BYTES",
        unit=Unit.BYTES,
        beyond="the next part",
    ),
    Bound(
        what="such parts of one object",
        at="shared.store.parts:PARTS_AT_ONCE",
        beyond="the writer waits",
    ),
    Bound(
        what="a page of products and images (status), one product at least",
        at="services.status.records.limits:PAGE_BYTES",
        unit=Unit.BYTES,
        beyond="the next page",
    ),
    Bound(
        what="rows in the memory of a status process that weigh more",
        at="services.status.records.limits:MOST_LARGE_ROWS",
        beyond="planning, ending or exporting them waits for its turn",
    ),
    Bound(
        what="images of a page",
        at="services.status.reading.reader:PAGE_IMAGES",
        beyond="the next page",
    ),
    Bound(
        what="images of a page of a stream",
        at="services.status.api.spellings:STREAMED_IMAGES",
        beyond="the next page",
    ),
    Bound(
        what="products of a page",
        at="services.status.requests.output_pages:PAGE_PRODUCTS",
        beyond="the next page",
    ),
    Bound(
        what="images planned at a time",
        at="services.status.records.rows:CHUNK_IMAGES",
        beyond="the next chunk",
    ),
    Bound(
        what="cells of an export's page",
        at="services.status.reading.reader:PRODUCTS_BYTES",
        unit=Unit.BYTES,
        beyond="the next page",
    ),
    Bound(
        what="a piece of an image that its host sends packed",
        at="services.processor.fetching.packed:PIECE_BYTES",
        unit=Unit.BYTES,
        beyond="the next piece",
    ),
    Bound(
        what="a piece of a workbook's markup, one row at least",
        at="services.status.reading.workbook_stream:PIECE_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="the next piece",
    ),
    Bound(
        what="of it, what is packed and not yet sent",
        at="services.status.rendering.workbook.packing:PIECE_BYTES",
        unit=Unit.BYTES,
        beyond="it is sent",
    ),
    Bound(
        what="images of a status that is answered as a whole",
        at="services.status.api.spellings:LARGEST_WHOLE_IMAGES",
        beyond="it is streamed",
    ),
    Bound(
        what="pages of it",
        at="services.status.api.spellings:WHOLE_PAGES",
        beyond="it is streamed",
    ),
    Bound(
        what="such answers being made",
        at="services.status.api.dependencies:MOST_WHOLE_ANSWERS",
        beyond="they wait",
    ),
    Bound(
        what="such answers that are remembered",
        at="services.status.api.answers.answer_cache:MOST_BYTES",
        unit=Unit.BYTES,
        beyond="those not asked for lately are forgotten",
    ),
    Bound(
        what="completions published at a time",
        at="services.status.jobs.publishing:BATCH_ROWS",
        beyond="the next batch",
    ),
    Bound(
        what="images asked for at a time",
        at="services.status.images.dispatching.dispatcher:BATCH_IMAGES",
        beyond="the next batch",
    ),
    Bound(
        what="images that end at a time because they repeat the URL of another",
        at="services.status.images.settling.repeats:STEP_IMAGES",
        beyond="the next step",
    ),
    Bound(
        what="messages of a batch",
        at=TAKEN + "BATCH_MOST",
        beyond="the next batch",
    ),
    Bound(
        what="their bytes, one message at least",
        at=TAKEN + "BATCH_BYTES",
        unit=Unit.BYTES,
        beyond="the next batch",
    ),
    Bound(
        what="messages taken and not yet settled, where they are handled in batches",
        at=TAKEN + "BATCHES_BYTES",
        unit=Unit.BYTES,
        beyond="they wait in Kafka",
    ),
    Bound(
        what="the same where they are handled one by one",
        at=TAKEN + "EACH_BYTES",
        unit=Unit.BYTES,
        beyond="they wait in Kafka",
    ),
    Bound(
        what="messages of one partition that wait in a process",
        at=TAKEN + "QUEUE_MOST",
        beyond="they wait in Kafka",
    ),
    Bound(
        what="what a broker gives at a time",
        at="shared.kafka.consumer:FETCH_BYTES",
        unit=Unit.BYTES,
        beyond="the next fetch",
    ),
    Bound(
        what="an upload's file in memory",
        at="services.ingest.csv_file.spool:SPOOL_BYTES",
        unit=Unit.BYTES,
        beyond="it lies on the disk",
    ),
    Bound(
        what="of it, what is not written yet",
        at="services.ingest.form.file_spool:WRITE_BYTES",
        unit=Unit.BYTES,
        beyond="it is written",
    ),
    Bound(
        what="a file that is judged in the lane of small ones",
        at="services.ingest.admission.lanes:SMALL_FILE_BYTES",
        unit=Unit.BYTES,
        beyond="the lane of large ones",
    ),
)

BUCKET = "shared.store.bucket:"
WAITS = (
    Bound(
        what="a handler's call",
        at="shared.consuming.containment:HANDLER_SECONDS",
        unit=Unit.SECONDS,
        beyond="a bug: tried again, then a dead letter",
    ),
    Bound(
        what="an acknowledgement of the broker",
        at="shared.kafka.producer:PUBLISH_SECONDS",
        unit=Unit.SECONDS,
        beyond="the broker is away: asked again; of an upload, 503",
    ),
    Bound(
        what="the wait for one of our connections to Postgres",
        at="services.status.postgres.pool:TURN_SECONDS",
        unit=Unit.SECONDS,
        beyond="done again",
    ),
    Bound(
        what="a statement",
        at="services.status.postgres.pool:STATEMENT_SECONDS",
        unit=Unit.SECONDS,
        beyond="Postgres is away: done again",
    ),
    Bound(
        what="connections of a process to Postgres that do its work",
        at="services.status.postgres.pool:ENGINE_CONNECTIONS",
        beyond="work waits for one",
    ),
    Bound(
        what="a lock in Postgres",
        at="services.status.postgres.pool:LOCK_SECONDS",
        unit=Unit.SECONDS,
        beyond="done again",
    ),
    Bound(
        what="work that failed and is set aside",
        at="services.status.jobs.set_aside:LONGEST_SECONDS",
        unit=Unit.SECONDS,
        beyond="tried again",
    ),
    Bound(
        what="free room of a store that is a folder, at least",
        at="shared.store.room:NEEDED_BYTES",
        unit=Unit.BYTES,
        beyond="the store is away, with the reason",
    ),
    Bound(
        what="silence of a bucket",
        at="shared.store.opening:SILENCE_SECONDS",
        unit=Unit.SECONDS,
        beyond="the store is away",
    ),
    Bound(
        what="one request to a bucket",
        at="shared.store.opening:LONGEST_REQUEST",
        beyond="the store is away",
    ),
    Bound(what="a piece of an object", at=BUCKET + "PIECE_BYTES", unit=Unit.BYTES, beyond="the next piece"),
    Bound(
        what="a bucket's connection whose reader takes nothing",
        at=BUCKET + "HELD_SECONDS",
        unit=Unit.SECONDS,
        beyond="given back; opened again when the reader goes on",
    ),
    Bound(
        what="what is asked for at a time after that",
        at=BUCKET + "RESUMED_BYTES",
        unit=Unit.BYTES,
        beyond="the next piece",
    ),
    Bound(
        what="work under way after SIGTERM",
        at="shared.settings:ServiceSettings.drain_seconds",
        unit=Unit.SECONDS,
        beyond="given up; it comes again elsewhere",
    ),
)

SECTIONS = {
    "An upload": UPLOAD,
    "A workbook (.xlsx, .ods)": WORKBOOKS,
    "Shares of everybody": SHARES,
    "An image": IMAGES,
    "A processor's work": WORK,
    "A webhook": WEBHOOKS,
    "Answers": ANSWERS,
    "Memory of a process": MEMORY,
    "Waits inside": WAITS,
}


def bounds() -> Iterator[Bound]:
    for section in SECTIONS.values():
        yield from section


def tables() -> str:
    return "\n".join(f"## {title}\n\n{HEAD}{_rows(section)}" for title, section in SECTIONS.items())


def _rows(section: tuple[Bound, ...]) -> str:
    return "".join(
        f"| {each.what} | {each.shown()} | {f'`{each.setting}`' if each.setting else ''} | {each.beyond} |\n"
        for each in section
    )


def with_tables(page: str) -> str:
    return with_part(page, BEGIN, tables() + "\n")


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text()))

"""What answers may hold."""

from tests.writers.limits.bound import Bound, Unit

SHEET, BEYOND_WORKBOOK = "services.status.rendering.workbook.sheet:", "422 `beyond-workbook`; take the CSV"
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
        what="what a client still sends behind its answer, or does not take of its last one",
        at="shared.web.server.connections:REST_SECONDS",
        unit=Unit.SECONDS,
        beyond="the connection is closed; when the service stops, after 1 s",
    ),
    Bound(
        what="a connection on which nothing more is asked after an answer",
        at="shared.serving:QUIET_SECONDS",
        unit=Unit.SECONDS,
        beyond="the connection is closed",
    ),
    Bound(
        what="bytes that are neither a head nor a body",
        at="shared.web.server.connections:MAX_UNREADABLE_BYTES",
        unit=Unit.BYTES,
        beyond="of a head 431 `too-large`; the connection is closed",
    ),
    Bound(
        what="calls that wait on a connection while one before them is answered",
        at="shared.web.server.connections:MOST_WAITING_CALLS",
        beyond="these are answered, further ones are not; the connection is closed",
    ),
)

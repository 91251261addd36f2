"""What everybody together, or one tenant, may hold."""

from tests.writers.limits.bound import INGEST, STATUS, Bound, Unit

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
        what="the file in the store that says which tenants have theirs",
        at="shared.full_tenants:MOST_BYTES",
        unit=Unit.BYTES,
        beyond="it is not read: nobody is refused for it, and status writes it anew",
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

"""How long something inside is waited for."""

from tests.writers.limits.bound import Bound, Unit

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
        what="how long a broker that did not answer is passed over while another is known",
        at="shared.kafka.library.silent_brokers:PASSED_OVER_SECONDS",
        unit=Unit.SECONDS,
        beyond="it is asked again",
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

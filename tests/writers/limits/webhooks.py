"""What webhooks may take."""

from tests.writers.limits.bound import NOTIFIER, STATUS, Bound, Unit

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
        what="the wait for a place at a busy receiver",
        at="services.notifier.receivers:LONGEST_BUSY_RETRY_SECONDS",
        unit=Unit.SECONDS,
        beyond="deferred again",
    ),
    Bound(
        what="the pause of a broken receiver",
        at="services.notifier.receivers:LONGEST_PAUSE_SECONDS",
        unit=Unit.SECONDS,
        beyond="one probe",
    ),
)

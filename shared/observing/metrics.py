"""Every metric there is, with its labels and buckets, and which service shows it; no other file names one. No
label takes values that a stranger can choose, such as hosts, tenants, ids or URLs.
"""

from collections.abc import Mapping, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.metrics import MetricWrapperBase

REGISTRY = CollectorRegistry()  # what this process shows on /metrics
_SHORT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LONG_SECONDS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400)


def _counter(name: str, meaning: str, *labels: str) -> Counter:
    return Counter(f"pixmill_{name}", meaning, labels, registry=None)


def _gauge(name: str, meaning: str, *labels: str) -> Gauge:
    return Gauge(f"pixmill_{name}", meaning, labels, registry=None)


def _histogram(name: str, meaning: str, *labels: str, buckets: Sequence[float] = _SHORT_SECONDS) -> Histogram:
    return Histogram(f"pixmill_{name}", meaning, labels, buckets=buckets, registry=None)


# every service
HTTP_REQUESTS = _counter("http_requests", "HTTP requests answered.", "method", "route", "status")
HTTP_SECONDS = _histogram("http_request_seconds", "From a request's head to its answer's head.", "route")
READERS_CUT_OFF = _counter("readers_cut_off", "Connections ended because their reader took nothing.")
EVENT_LOOP_LAG = _gauge("event_loop_lag_seconds", "The longest that the event loop was held up lately.")
MEMORY_HEADROOM = _gauge("memory_headroom_bytes", "What is left of the memory this process may use.")
DISK_HEADROOM = _gauge("disk_headroom_bytes", "What may still be written to this folder.", "folder")
UNREADY = _gauge("unready", "1 while the process lacks something that it needs; /readyz says what.")
LOG_LINES_LOST = _gauge("log_lines_lost", "Lines of the log that nobody took, since the process began.")
BROKER_REQUESTS = _counter("broker_requests", "Requests that the broker answered, by what they were.", "kind")

# services with callers
READERS = _gauge("readers", "Large answers and streams that readers are taking.")
READERS_REFUSED = _counter(
    "readers_refused", "Large answers refused: 429 by a tenant's share, 503 by all of it.", "status"
)
EVENT_STREAMS_RENEWED = _counter(
    "event_streams_renewed", "Streams of events that ended by their age; their clients connect again."
)
RATE_LIMITED = _counter("rate_limited", "Calls refused because their tenant's quota was used up.", "quota")

# services that consume
CONSUMER_LAG = _gauge("consumer_lag_messages", "Messages of our partitions that are not settled.", "group")
CONSUMER_PAUSED = _gauge("consumer_paused", "1 while too many dead letters have stopped the group.", "group")
CONSUMER_ABSENT = _gauge(
    "consumer_absent",
    "1 while this member leaves its partitions to others because it cannot work.",
    "group",
)
MESSAGES_HANDLED = _counter("messages_handled", "Messages handled to their end.", "group")
MESSAGES_UNDER_WAY = _gauge("messages_under_way", "Messages taken and not yet settled.", "group")
OLDEST_MESSAGE = _gauge(
    "oldest_message_seconds", "How long the oldest message taken and not settled has been waiting.", "group"
)
DEAD_LETTERS = _counter("dead_letters", "Messages that went to TOPIC.dlq.", "group")

# processor
IMAGES = _counter(
    "images", "Attempts at an image that ended, by outcome and failure code.", "outcome", "code"
)
HOST_REFUSALS = _counter("host_refusals", "Images that their host turned away for the moment (429, 503).")
QUEUE_WAIT = _histogram("image_queue_wait_seconds", "From an image's dispatch to the begin of its work.")
STAGE_SECONDS = _histogram("image_stage_seconds", "Where the time for an image went.", "stage")
IMAGE_BYTES = _counter("image_bytes", "Bytes of images fetched (in) and made (out).", "direction")

# status
BACKLOG_IMAGES = _gauge("backlog_images", "Images of open requests that have not ended.")
RESTING_IMAGES = _gauge("resting_images", "Open images of requests that wait for their hosts alone.")
IN_FLIGHT_IMAGES = _gauge("in_flight_images", "Images dispatched and not yet answered.")
WINDOW_IMAGES = _gauge("window_images", "How many images may be in flight at this rate.")
COMPLETION_RATE = _gauge("completed_images_per_second", "Images answered a second, smoothed.")
PROCESSORS_WANTED = _gauge("processors_wanted", "Processors that would work off the backlog in a minute.")
REQUESTS = _gauge("requests", "Requests that have not ended, by state.", "state")
OLDEST_REQUEST = _gauge("oldest_open_request_seconds", "The age of the oldest run that has not ended.")
INTAKE_HELD = _gauge("intake_held", "1 while csv.accepted waits because too many images are open.")
TENANTS_FULL = _gauge("tenants_full", "Tenants that have as many images open as one may have.")
STUCK_REQUESTS = _gauge("stuck_requests", "Requests that do not go on by themselves.", "why")
ORPHANS = _gauge("orphans", "What the last look at the store found that belongs to nobody.", "kind")
ORPHANS_REMOVED = _counter("orphans_removed", "What was removed from the store.", "kind")
SWEEP_HELD = _gauge(
    "sweep_held", "1 while nothing is swept: the store was last swept by another database, or a later one."
)
FILES_MISSING = _counter("files_missing", "Files that rows name and the store does not hold.")
DELIVERIES_OVERDUE = _gauge("deliveries_overdue", "Webhook deliveries that were due over a minute ago.")
DELIVERIES_UNANSWERED = _gauge(
    "deliveries_unanswered", "Webhook deliveries that were asked for over 15 minutes ago and not answered."
)
SET_ASIDE = _gauge(
    "set_aside_requests", "Requests whose work failed and waits to be tried again, by kind of work.", "work"
)
REQUESTS_ENDED = _counter("requests_ended", "Runs of requests that ended, by state.", "state")
REQUEST_SECONDS = _histogram("request_seconds", "From a run's start to its end.", buckets=_LONG_SECONDS)

# notifier
WEBHOOK_ATTEMPTS = _counter("webhook_attempts", "Answers to deliveries, by outcome.", "outcome")
WEBHOOK_SECONDS = _histogram("webhook_attempt_seconds", "Duration of a webhook's post.")

_EVERYONE = (
    *(HTTP_REQUESTS, HTTP_SECONDS, READERS_CUT_OFF, EVENT_LOOP_LAG, MEMORY_HEADROOM, DISK_HEADROOM),
    *(BROKER_REQUESTS, UNREADY, LOG_LINES_LOST),
)
_CONSUMERS = (
    *(CONSUMER_LAG, CONSUMER_PAUSED, CONSUMER_ABSENT, MESSAGES_HANDLED),
    *(MESSAGES_UNDER_WAY, OLDEST_MESSAGE, DEAD_LETTERS),
)
_STATUS = (
    *(BACKLOG_IMAGES, RESTING_IMAGES, IN_FLIGHT_IMAGES),
    *(WINDOW_IMAGES, COMPLETION_RATE, PROCESSORS_WANTED),
    *(INTAKE_HELD, TENANTS_FULL, STUCK_REQUESTS, ORPHANS, ORPHANS_REMOVED, SWEEP_HELD, FILES_MISSING),
    *(
        REQUESTS,
        OLDEST_REQUEST,
        DELIVERIES_OVERDUE,
        DELIVERIES_UNANSWERED,
        SET_ASIDE,
        REQUESTS_ENDED,
        REQUEST_SECONDS,
    ),
)
METRICS: Mapping[str, Sequence[MetricWrapperBase]] = {
    "ingest": (*_EVERYONE, RATE_LIMITED),
    "status": (
        *_EVERYONE,
        RATE_LIMITED,
        READERS,
        READERS_REFUSED,
        EVENT_STREAMS_RENEWED,
        *_CONSUMERS,
        *_STATUS,
    ),
    "processor": (*_EVERYONE, *_CONSUMERS, IMAGES, HOST_REFUSALS, QUEUE_WAIT, STAGE_SECONDS, IMAGE_BYTES),
    "notifier": (*_EVERYONE, *_CONSUMERS, WEBHOOK_ATTEMPTS, WEBHOOK_SECONDS),
}


def show_metrics(service: str) -> None:
    """Puts the metrics of this service on /metrics. Once a process, by its composition root."""
    disable_created_metrics()  # type: ignore[no-untyped-call] # the library is mostly typed
    ProcessCollector(registry=REGISTRY)
    PlatformCollector(registry=REGISTRY)
    for metric in METRICS[service]:
        REGISTRY.register(metric)

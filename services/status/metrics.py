"""Every metric of the status service, by name."""

from prometheus_client import Gauge

SET_ASIDE = Gauge(
    "pixmill_status_set_aside_requests", "Requests whose work failed and waits to be tried again", ["work"]
)

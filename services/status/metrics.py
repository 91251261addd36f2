"""Every metric of the status service, by name."""

from prometheus_client import Counter, Gauge

OPEN_IMAGES = Gauge("pixmill_status_open_images", "Images of accepted requests that have not ended")
INTAKE_HELD = Gauge(
    "pixmill_status_intake_held", "1 while csv.accepted waits because too many images are open"
)
ORPHANS_FOUND = Gauge(
    "pixmill_status_orphans", "What the last look at the store found that belongs to nobody", ["kind"]
)
ORPHANS_REMOVED = Counter("pixmill_status_orphans_removed", "What was removed from the store", ["kind"])
FILES_MISSING = Counter("pixmill_status_files_missing", "Files that rows name and the store does not hold")
STUCK_REQUESTS = Gauge("pixmill_status_stuck_requests", "Requests that do not go on by themselves", ["why"])

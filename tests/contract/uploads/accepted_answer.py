"""What an accepted upload is answered, as literal JSON."""

from tests.worlds.services.ingest_world import REQUEST_ID

COUNTS = {"products": 2, "images": 3, "skipped_rows": 0}
SNAKE = {
    "request_id": REQUEST_ID,
    "status": "processing",
    "message": "Accepted 2 products, 3 images.",
    "state": "pending",
    "counts": COUNTS,
    "warnings": [],
    "status_url": f"https://pixmill.test/v1/requests/{REQUEST_ID}",
    "events_url": f"https://pixmill.test/v1/requests/{REQUEST_ID}/events",
}

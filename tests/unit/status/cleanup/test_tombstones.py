"""How long status remembers what was deleted, beside how long the topics may bring it back."""

from services.ingest.acceptance import ledger
from services.status.cleanup import unknown_folders
from services.status.cleanup.purge import TOMBSTONE_SECONDS
from shared.contract.events import Topic
from shared.contract.topic_declarations import read_declarations
from shared.kafka.topics import SEGMENT_MS

BROKER_LOOKS_EVERY_SECONDS = 300.0  # log.retention.check.interval.ms


def test_a_tombstone_outlives_every_message_that_could_bring_its_request_back() -> None:
    """R22: a message lives until its whole segment is old enough."""
    retention_seconds = read_declarations()[Topic.CSV_ACCEPTED].retention_hours * 3_600.0
    in_topic_seconds = retention_seconds + SEGMENT_MS / 1_000 + BROKER_LOOKS_EVERY_SECONDS
    assert in_topic_seconds < unknown_folders.KEPT.total_seconds()
    assert ledger.KEPT.total_seconds() + in_topic_seconds < TOMBSTONE_SECONDS

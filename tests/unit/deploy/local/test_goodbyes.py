"""Whoever ends a service waits for its goodbye to a broker that hangs, before it kills it."""

from deploy.local.services import GOODBYE_SECONDS
from shared.kafka.connection import STOP_SECONDS
from shared.kafka.consumer import COMMIT_SECONDS
from shared.kafka.library import giving_up


def test_a_processor_whose_broker_hangs_is_not_killed_in_its_goodbye() -> None:
    """It took 27 s of the 25 that it was given."""
    commits = 2 * COMMIT_SECONDS  # one that is under way, and the last
    clients = 2 * (STOP_SECONDS + giving_up.GOODBYE_SECONDS)  # the consumer, then the producer
    assert commits + clients <= GOODBYE_SECONDS

"""What each count may be at most. A bound holds today, with some room, and is tightened by whoever makes the
count smaller; the target is what is wanted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Load(Enum):
    PACED = "at_60_a_second"
    FULL = "at_full_speed"


@dataclass(frozen=True, slots=True)
class Bound:
    at_most: float
    target: float
    load: Load = Load.PACED  # that is judged; the other is told beside it
    unit: str = "an image"


BOUNDS: Mapping[str, Bound] = {
    "cores": Bound(0.4, 0.15, unit="cores of status, Kafka and Postgres beside 60 images a second"),
    "postgres_transactions": Bound(0.4, 0.3),
    "postgres_rows_read": Bound(50, 30),
    "status_produce": Bound(0.15, 0.1),
    "status_fetch_with_records": Bound(0.2, 0.1),
    "processor_produce": Bound(0.3, 0.1, Load.FULL),
    "processor_fetch_with_records": Bound(0.2, 0.1),
    "epoll_pwait_calls_of_status": Bound(2.5, 1.5),
    "getpid_calls_of_status": Bound(6, 0),
    "futex_calls_of_processor": Bound(6, 4, Load.FULL),
    "getpid_calls_of_processor": Bound(5, 0, Load.FULL),
    "fsync_calls_of_processor": Bound(0.5, 0.5, Load.FULL),
}

# Cores of a stack without work, as bound and target.
FOUR_SERVICES_IDLE = (0.1, 0.03)
WHOLE_STACK_IDLE = (0.25, 0.12)

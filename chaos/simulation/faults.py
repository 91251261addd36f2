"""What can break in a simulation, and what happens then."""

from enum import StrEnum
from typing import assert_never

from chaos.simulation.universe import Universe


class Fault(StrEnum):
    """Each falls as often as the others; what lasts is mended as often as it breaks."""

    BROKER_AWAY = "broker away"
    STORE_AWAY = "store away"
    STORE_BACK = "store back"
    RECEIVERS_DOWN = "receivers down"
    RECEIVERS_BACK = "receivers back"
    PROCESSORS_KILLED = "processors killed"
    MESSAGES_LOST = "image.requested lost"
    NOTIFIER_KILLED = "notifier killed"
    STATUS_KILLED = "status killed at rest"


def fall(fault: Fault, universe: Universe) -> None:
    match fault:
        case Fault.BROKER_AWAY:
            universe.topics.away_for = universe.chance.randint(1, 4)
        case Fault.STORE_AWAY | Fault.STORE_BACK:
            universe.store.away = fault is Fault.STORE_AWAY
        case Fault.RECEIVERS_DOWN | Fault.RECEIVERS_BACK:
            universe.receivers.are_down = fault is Fault.RECEIVERS_DOWN
        case Fault.PROCESSORS_KILLED:
            universe.processors.die()
        case Fault.MESSAGES_LOST:
            universe.processors.lose_everything()
        case Fault.NOTIFIER_KILLED:
            universe.restart_notifier()
        case Fault.STATUS_KILLED:
            universe.restart_status(universe.chance.randrange(2))
        case _:
            assert_never(fault)


def heal(universe: Universe) -> None:
    """From now on nothing fails that is ours, and every host and receiver is calm."""
    universe.topics.away_for, universe.store.away = 0, False
    universe.receivers.are_down, universe.receivers.are_calm, universe.hosts.are_calm = False, True, True

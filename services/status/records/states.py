"""The states of images and of deliveries, for everyone who stores, judges or shows them (pure). A request's
state is part of the contract: RequestState.
"""

from enum import StrEnum


class ImageState(StrEnum):
    """What a row says of its image. Read it with the request's row beside it, as the view images_now does."""

    PLANNED = "planned"
    REQUESTED = "requested"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED_IMAGES = frozenset({ImageState.DONE, ImageState.FAILED, ImageState.CANCELLED})


class DeliveryState(StrEnum):
    WAITING = "waiting"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    GONE = "gone"
    UNDELIVERABLE = "undeliverable"


OPEN_DELIVERIES = frozenset({DeliveryState.WAITING, DeliveryState.RETRYING})

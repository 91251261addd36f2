"""Images that take places at hosts, and what is heard of them."""

import uuid

from services.status.images.hosts.host_places import Asked, Heard, HostPlaces

REQUEST = uuid.UUID(int=1)
SHOP = "https://shop.example/1.jpg"


def asked(ordinal: int) -> Asked:
    return Asked(REQUEST, ordinal, 1)


def back(*images: Asked, answered: bool = False) -> list[Heard]:
    return [Heard(each, is_out=False, is_answered=answered) for each in images]


def taken(places: HostPlaces, url: str, images: int, now: float = 0.0, first: int = 0) -> list[Asked]:
    """As many of these images as have a place."""
    ordinals = range(first, first + images)
    return [asked(each) for each in ordinals if places.take(url, asked(each), now) is None]

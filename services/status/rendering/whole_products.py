"""Puts pages of images together to whole products, wherever the pages were cut (pure)."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Protocol, TypeVar


class OfProduct(Protocol):
    @property
    def product_number(self) -> int: ...


_PRODUCT_NUMBER = attrgetter("product_number")

I = TypeVar("I", bound=OfProduct)  # noqa: E741 - an image, in whatever detail


async def whole_products(pages: AsyncIterator[Sequence[I]]) -> AsyncIterator[list[list[I]]]:
    """The images of whole products only, page by page: the last product of a page may go on in the next."""
    unfinished: list[I] = []
    async for page in pages:
        groups = list(by_product(page))
        if groups and unfinished and groups[0][0].product_number == unfinished[0].product_number:
            unfinished.extend(groups.pop(0))
        finished = [unfinished] if unfinished and groups else []
        if groups:
            unfinished = groups.pop()
        yield [*finished, *groups]
    if unfinished:
        yield [unfinished]


def by_product(images: Iterable[I]) -> Iterator[list[I]]:
    """Groups neighbours of one product; the images come in the order of the CSV."""
    for _, group in groupby(images, key=_PRODUCT_NUMBER):
        yield list(group)

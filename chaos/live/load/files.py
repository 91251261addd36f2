"""What a shop uploads: rows of products, with images on hosts of this run. Its chance is seeded."""

import csv
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaos.live.journal import Upload
from chaos.live.load.hosts import Hosts
from chaos.live.load.natures import Nature

COLUMNS = ("S. No.", "Product Name", "Input Image Urls")
SMALL_PRODUCTS, MOST_URLS = 8, 3
REPEATED = 0.15  # of the images of a file: one that it has already
KEYED = 0.8
WITH_WEBHOOK = 0.7
ONLY_GOOD = 0.5  # of the small files

_ANY: Mapping[Nature, int] = {
    Nature.WELL: 10,
    Nature.SLOW: 1,
    Nature.CHANGING: 3,
    Nature.LIMITED: 3,
    Nature.SHAKY: 3,
    Nature.LYING: 2,
    Nature.SILENT: 1,
    Nature.DEAD: 1,
}
_GOOD: Mapping[Nature, int] = {Nature.WELL: 10, Nature.CHANGING: 3}


@dataclass(slots=True)
class Files:
    """Of one shop. Each has a name that nobody else's has."""

    hosts: Hosts
    tenant: str
    shop: str
    chance: random.Random
    _made: int = 0

    def small(self) -> Upload:
        is_good = self.chance.random() < ONLY_GOOD
        products = self.chance.randint(1, SMALL_PRODUCTS)
        return self._upload(products, _GOOD if is_good else _ANY, is_small=is_good)

    def large(self, products: int) -> Upload:
        return self._upload(products, _ANY, is_small=False)

    def _upload(self, products: int, natures: Mapping[Nature, int], *, is_small: bool) -> Upload:
        self._made += 1
        name = f"{self.shop}-{self._made}"
        urls: list[str] = []
        rows = []
        for _ in range(products):
            row = [self._url(name, urls, natures) for _ in range(self.chance.randint(1, MOST_URLS))]
            rows.append(tuple(row))
        return Upload(
            name=name,
            tenant=self.tenant,
            key=f"key of {name}" if self.chance.random() < KEYED else None,
            products=tuple(rows),
            has_webhook=self.chance.random() < WITH_WEBHOOK,
            is_small=is_small,
        )

    def _url(self, name: str, urls: list[str], natures: Mapping[Nature, int]) -> str:
        if urls and self.chance.random() < REPEATED:
            return self.chance.choice(urls)
        (nature,) = self.chance.choices(list(natures), weights=list(natures.values()))
        host = self.chance.choice(self.hosts.addresses[nature])
        urls.append(f"{host}/{name}-{len(urls)}.jpg")
        return urls[-1]


def as_csv(products: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, urls in enumerate(products, 1):
        writer.writerow((number, f"Product {number}", ",".join(urls)))
    return text.getvalue().encode()

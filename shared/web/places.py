"""Who may hold a part of something limited, so that nobody keeps the others out: memory, uploads under way.

A tenant may take more while it holds less than is free. Alone it gets half of all; two busy tenants get a
third each; a newcomer finds room as long as there is any.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.web.problems import Problem


@dataclass(slots=True, kw_only=True)
class Places:
    most: int
    all_taken: Callable[[], Problem]
    enough_taken: Callable[[int], Problem]  # by this tenant
    _taken: Counter[str] = field(default_factory=Counter)

    @property
    def taken(self) -> int:
        return self._taken.total()

    @property
    def free(self) -> int:
        return self.most - self.taken

    @contextmanager
    def one_for(self, tenant: str, size: int = 1) -> Iterator[None]:
        """A place until the block ends; a problem when all are taken or the tenant has enough."""
        self.take(tenant, size)
        try:
            yield
        finally:
            self.give_back(tenant, size)

    def take(self, tenant: str, size: int) -> int:
        """Returns the size, for the caller to give back; the same problems."""
        if self.free < size:
            raise self.all_taken()
        if self._taken[tenant] >= self.free:
            raise self.enough_taken(self._taken[tenant])
        return self.take_more(tenant, size)

    def take_more(self, tenant: str, size: int) -> int:
        """For what has begun, also beyond the tenant's share. Whoever calls has looked at what is free."""
        self._taken[tenant] += size
        return size

    def give_back(self, tenant: str, size: int) -> None:
        self._taken[tenant] -= size
        self._taken += Counter()  # drops tenants that have none

"""Who may upload at the same time, so that nobody keeps the others out.

A tenant may begin an upload while fewer of its own are under way than places are free. Alone it gets half of
them; two busy tenants get a third each; a newcomer finds room as long as there is any.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.web.problems import Problem, unavailable

BUSY_RETRY_SECONDS = 2


@dataclass(slots=True)
class Places:
    most: int
    _taken: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def one_for(self, tenant: str) -> Iterator[None]:
        """A place until the block ends; a problem when all are taken (503) or the tenant has enough (429)."""
        self._require_place(tenant)
        self._taken[tenant] += 1
        try:
            yield
        finally:
            self._taken[tenant] -= 1
            self._taken += Counter()  # drops tenants that have none

    def _require_place(self, tenant: str) -> None:
        free = self.most - self._taken.total()
        if free <= 0:
            raise busy()
        if self._taken[tenant] >= free:
            raise too_many_uploads(self._taken[tenant])


def busy() -> Problem:
    return unavailable("Too many uploads are under way.", BUSY_RETRY_SECONDS, "busy")


def too_many_uploads(under_way: int) -> Problem:
    uploads = "1 upload of yours is" if under_way == 1 else f"{under_way} uploads of yours are"
    error = f"{uploads} under way, as many as there are places left for others; wait for one to end."
    headers = {"Retry-After": str(BUSY_RETRY_SECONDS)}
    return Problem(429, "too-many-uploads", "Too Many Requests", error, headers=headers)

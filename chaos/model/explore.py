"""Walks every order of steps of a small machine up to a depth, breadth first (pure).

The first broken promise is therefore told by one of the shortest ways to it.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

State = TypeVar("State", bound=Hashable)

Steps = Callable[[State], Iterable[tuple[str, State]]]  # each step that may come next, by name


@dataclass(frozen=True, slots=True)
class Promises(Generic[State]):
    """What no step may break, and what is true wherever the machine stands; each by its name."""

    of_steps: Mapping[str, Callable[[State, State], bool]]  # from before to after
    of_states: Mapping[str, Callable[[State], bool]]

    def broken_by(self, before: State, after: State) -> Iterable[str]:
        return (name for name, holds in self.of_steps.items() if not holds(before, after))

    def broken_in(self, state: State) -> Iterable[str]:
        return (name for name, holds in self.of_states.items() if not holds(state))


@dataclass(frozen=True, slots=True)
class Explored:
    states: int
    steps: int


class BrokenPromiseError(AssertionError):
    """A promise that some order of steps breaks, with the way there."""

    def __init__(self, promise: str, way: list[str]) -> None:
        super().__init__(f"{promise!r} is broken by: {' → '.join(way)}")
        self.promise, self.way = promise, way


def explore(start: State, steps: Steps[State], promises: Promises[State], *, depth: int) -> Explored:
    """Every state that `depth` steps reach; raises at the first promise that one of them breaks."""
    walk = _Walk(steps, promises, {start: None})
    level = [start]
    for _ in range(depth):
        level = [reached for before in level for reached in walk.go_on(before)]
    return Explored(len(walk.came_by), walk.steps_made)


@dataclass(slots=True)
class _Walk(Generic[State]):
    steps: Steps[State]
    promises: Promises[State]
    came_by: dict[State, tuple[str, State] | None]
    steps_made: int = field(default=0)

    def go_on(self, before: State) -> Iterable[State]:
        """The states that are reached from here and were never seen."""
        for name, after in self.steps(before):
            self.steps_made += 1
            self._refuse(self.promises.broken_by(before, after), before, name)
            if after in self.came_by:
                continue
            self._refuse(self.promises.broken_in(after), before, name)
            self.came_by[after] = (name, before)
            yield after

    def _refuse(self, broken: Iterable[str], before: State, name: str) -> None:
        for promise in broken:
            raise BrokenPromiseError(promise, [*self._way_to(before), name])

    def _way_to(self, state: State) -> list[str]:
        way = []
        while (came := self.came_by[state]) is not None:
            name, state = came
            way.append(name)
        return way[::-1]

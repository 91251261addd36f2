"""How far the demo is, and whether to go on: as long as a step comes nearer or any part of the stack works.

It must not know what the steps do.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp

from deploy.local.processes.patience import LOOK_SECONDS, Patience

T = TypeVar("T")


class DemoFailed(Exception):  # noqa: N818 - the outcome of the demo
    """A step did not happen. The message names it and says why."""


@dataclass(slots=True)
class Course:
    """`cause_of_end` says why the stack ended by itself, if it did."""

    patience: Patience
    cause_of_end: Callable[[], str | None]
    step: str = "beginning"

    def begin(self, step: str) -> None:
        """Says what is being done from now on, as in "while uploading the CSV"."""
        self.step = step
        self.patience.progressed()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Its result; `DemoFailed` when it failed, or when it was ended because nothing moves any more."""
        walk = asyncio.create_task(work)
        try:
            while not walk.done():
                await asyncio.wait({walk}, timeout=LOOK_SECONDS)
                if not walk.done() and (cause := self.cause_of_end() or self.patience.exhausted()):
                    raise DemoFailed(f"while {self.step}, {cause}")
            return walk.result()
        except (aiohttp.ClientError, OSError) as error:  # time-outs, which have no words, are among them
            name = type(error).__name__
            raise DemoFailed(f"while {self.step}: " + (f"{name}: {error}" if str(error) else name)) from error
        finally:
            walk.cancel()

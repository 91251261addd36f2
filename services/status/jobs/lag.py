"""The port by which jobs ask how much a consumer group has left to do. It knows neither topics nor groups."""

from collections.abc import Awaitable, Callable

Lag = Callable[[], Awaitable[int]]  # messages that a group has not finished yet


async def is_nothing_left(theirs: Lag, ours: Lag) -> bool:
    """Whether they have finished all that they were asked, and we have read all their answers.

    In this order: an answer is on its topic before its message counts as finished.
    """
    return await theirs() == 0 and await ours() == 0

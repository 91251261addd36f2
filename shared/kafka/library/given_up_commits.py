"""Hears how a commit ends that its member has given up. The library goes on with it and forgets it, and the
event loop would tell its failure as an error, though it was told as a broker that is away.

The library has no setting for it, so this file puts its own call around the library's.
"""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer

from shared.hearing import hear


def hear_of_commits(client: AIOKafkaConsumer) -> None:
    """From now on, of this client, which has started as a member of a group."""
    coordinator = client._coordinator  # noqa: SLF001 - no other way
    commit = coordinator._do_commit_offsets  # noqa: SLF001 - as above

    def heard(*arguments: Any) -> asyncio.Task[None]:
        committing: asyncio.Task[None] = asyncio.create_task(commit(*arguments))
        committing.add_done_callback(hear)
        return committing

    coordinator._do_commit_offsets = heard  # noqa: SLF001 - as above

"""How many members a consumer group has."""

from aiokafka.errors import for_code

from shared.broker_access import NO_SECURITY, Security
from shared.kafka.admin import admin_client
from shared.kafka.connection import to_its_end

ANSWER_SECONDS = 5.0
ERROR, MEMBERS = 0, 5  # of error, group, state, protocol type, protocol, members


async def count_members(bootstrap: str, group: str, security: Security = NO_SECURITY) -> int:
    """0 for an unknown group; raises `Away` when the broker does not answer."""
    return await to_its_end(_count(bootstrap, group, security))


async def _count(bootstrap: str, group: str, security: Security) -> int:
    async with admin_client(bootstrap, security, "members", ANSWER_SECONDS) as client:
        answers = await client.describe_consumer_groups([group])
        for found in (each for answer in answers for each in answer.groups):
            if found[ERROR]:
                raise for_code(found[ERROR])(group)
    return sum(len(group[MEMBERS]) for answer in answers for group in answer.groups)

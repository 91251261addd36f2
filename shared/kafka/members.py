"""How many members a consumer group has."""

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code

from shared.broker_access import NO_SECURITY, Security
from shared.kafka.connection import BROKER_AWAY, away, security_options, started, to_its_end

ERROR, MEMBERS = 0, 5  # of error, group, state, protocol type, protocol, members


async def count_members(bootstrap: str, group: str, security: Security = NO_SECURITY) -> int:
    """0 for a group that nobody knows; `Away` when the broker does not answer."""
    return await to_its_end(_count(bootstrap, group, security))


async def _count(bootstrap: str, group: str, security: Security) -> int:
    client = AIOKafkaAdminClient(
        bootstrap_servers=bootstrap,
        client_id="members",
        request_timeout_ms=5_000,
        **security_options(security),
    )
    try:
        await started(client)
        answers = await client.describe_consumer_groups([group])
        for found in (each for answer in answers for each in answer.groups):
            if found[ERROR]:
                raise for_code(found[ERROR])(group)
    except BROKER_AWAY as error:
        raise away(error) from error
    finally:
        await client.close()
    return sum(len(group[MEMBERS]) for answer in answers for group in answer.groups)

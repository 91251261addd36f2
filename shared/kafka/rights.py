"""Grants rights at a broker that has an authorizer. Granting a right twice changes nothing."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import SecurityDisabled, for_code
from aiokafka.protocol.admin import CreateAclsRequest

from shared.broker_access import Security
from shared.kafka.admin import admin_client

ANSWER_SECONDS = 40.0
_ALLOW = 3
_ANY_HOST = "*"
_LITERAL, _PREFIXED = 3, 4


class Kind(StrEnum):
    TOPIC = "topic"
    GROUP = "group"


class Operation(StrEnum):
    """Reading and writing include describing."""

    READ = "read"
    WRITE = "write"
    CREATE = "create"
    DELETE = "delete"  # messages, or a whole topic
    DESCRIBE = "describe"
    DESCRIBE_CONFIGS = "describe-configs"


_KINDS = {Kind.TOPIC: 2, Kind.GROUP: 3}  # as the protocol numbers them
_OPERATIONS = {
    Operation.READ: 3,
    Operation.WRITE: 4,
    Operation.CREATE: 5,
    Operation.DELETE: 6,
    Operation.DESCRIBE: 8,
    Operation.DESCRIBE_CONFIGS: 10,
}


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One principal may do one thing with one topic or group, from any host."""

    principal: str
    operation: Operation
    kind: Kind
    name: str
    _: KW_ONLY
    is_prefix: bool = False

    @property
    def pattern(self) -> str:
        return f"{self.name}*" if self.is_prefix else self.name


class NothingToGrant(Exception):  # noqa: N818 - a state of the broker
    """It asks nobody for rights: everybody may do everything."""


async def grant(bootstrap: str, rights: Sequence[Right], security: Security) -> None:
    """Returns when all of them hold at the controller; `Away` when it does not answer or refuses,
    `NothingToGrant` when it has no authorizer.
    """
    async with admin_client(bootstrap, security, "rights", ANSWER_SECONDS) as client:
        for right in rights:
            await _grant(client, right)


async def _grant(client: AIOKafkaAdminClient, right: Right) -> None:
    request = CreateAclsRequest(
        _KINDS[right.kind],
        right.name,
        _PREFIXED if right.is_prefix else _LITERAL,
        f"User:{right.principal}",
        _ANY_HOST,
        _OPERATIONS[right.operation],
        _ALLOW,
    )
    answer = await client._send_request(request)  # noqa: SLF001 - the library has the request and no method
    for code, reason in answer.creation_responses:
        if code == SecurityDisabled.errno:
            raise NothingToGrant
        if code:
            raise for_code(code)(reason)

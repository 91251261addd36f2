"""One image's visit at a host: it asks for its turn, and tells how its request ended."""

import asyncio

from services.processor.fetching.host_gates import Host, HostGates
from services.processor.verdicts import Failure, NotNow
from shared.contract.codes import FailureCode

SHOP = ("https", "shop.example", 443)
TIMED_OUT = Failure(FailureCode.TIMED_OUT)
UNDER_WAY = 64  # images, as in the processor's settings


async def visit(gates: HostGates, failure: Failure | None = None) -> Failure | NotNow | None:
    async with gates.passage(SHOP) as passage:
        if passage.refusal is None and (passage.witness is None or passage.end_witness(failure) is None):
            passage.end(failure)
        return passage.refusal


async def visit_until_heeded(gates: HostGates, refusal: Failure, host: Host = SHOP) -> None:
    """One refusal of a host says little; a new one has refused everything three times."""
    for _ in range(3):
        async with gates.passage(host) as passage:
            passage.end(refusal)


async def come_to_rest() -> None:
    """Whoever can go on has."""
    for _ in range(5):
        await asyncio.sleep(0)

"""Reads from the store which tenants have as many images open as one may have, and no more than it must."""

from pydantic import ValidationError

from shared.contract.full_tenants import FullTenants
from shared.contract.keys import FULL_TENANTS_KEY
from shared.outcomes import Refused
from shared.store import Store

MOST_BYTES = 4 * 1024 * 1024  # tens of thousands of tenants


async def read_full_tenants(store: Store) -> FullTenants:
    """`Missing` where nobody has said it, `Refused` too where the file is none that status writes."""
    said = bytearray()
    async for piece in store.stream(FULL_TENANTS_KEY):
        said += piece
        if len(said) > MOST_BYTES:
            raise Refused(f"{FULL_TENANTS_KEY} is larger than {MOST_BYTES} bytes")
    try:
        return FullTenants.model_validate_json(said)
    except ValidationError as error:
        raise Refused(f"{FULL_TENANTS_KEY} does not say which tenants have their share") from error

"""Which tenants have as many images open as one may have: status writes it, ingest reads it (pure)."""

from pydantic import BaseModel, ConfigDict


class FullTenants(BaseModel):
    model_config = ConfigDict(frozen=True)

    tenants: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        return self.model_dump_json().encode()

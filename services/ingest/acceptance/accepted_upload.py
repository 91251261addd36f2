"""An accepted upload: what is announced of it, what its answer says, and what the ledger keeps.

Its event stands beside the event's bytes: nobody parses or renders it again, and every repeat publishes the
same bytes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.ingest.csv_file.verdicts import UploadWarning
from shared.consuming.handling import Outgoing
from shared.contract.events import TARGET_HEADER, CsvAccepted
from shared.contract.trace_context import trace_headers


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedUpload:
    fingerprint: str
    created_at: datetime
    event: CsvAccepted
    event_bytes: bytes
    sealed_target: str | None = None
    traceparent: str | None = None
    warnings: tuple[UploadWarning, ...] = ()

    def outgoing(self) -> Outgoing:
        """Always with the same event id and the same bytes."""
        target = {} if self.sealed_target is None else {TARGET_HEADER: self.sealed_target}
        headers = target | trace_headers(self.traceparent)
        return Outgoing(self.event, self.created_at, headers, self.event_bytes)

    def to_json(self) -> bytes:
        kept = _LedgerEntry(
            fingerprint=self.fingerprint,
            created_at=self.created_at,
            event=self.event_bytes.decode(),
            sealed_target=self.sealed_target,
            traceparent=self.traceparent,
            warnings=self.warnings,
        )
        return kept.model_dump_json().encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        kept = _LedgerEntry.model_validate_json(data)
        event_bytes = kept.event.encode()
        return cls(
            fingerprint=kept.fingerprint,
            created_at=kept.created_at,
            event=CsvAccepted.parse(event_bytes),
            event_bytes=event_bytes,
            sealed_target=kept.sealed_target,
            traceparent=kept.traceparent,
            warnings=kept.warnings,
        )


class _LedgerEntry(BaseModel):
    """The object in the store. Fields are only ever added: an entry outlives an update of the service."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    fingerprint: str
    created_at: AwareDatetime
    event: str
    sealed_target: str | None = None
    traceparent: str | None = None
    warnings: tuple[UploadWarning, ...] = ()

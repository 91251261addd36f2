"""One call that brings a CSV: whose it is, and what its headers say."""

import secrets
from contextlib import ExitStack
from dataclasses import dataclass, field

from fastapi import Request

from services.ingest.api.accept_header import prefers_csv
from services.ingest.api.idempotency_key import require_key
from shared.content_length import announced_bytes
from shared.contract import trace_context


@dataclass(frozen=True, slots=True)
class UploadCall:
    request: Request
    tenant: str
    held: ExitStack = field(default_factory=ExitStack)
    """What the call holds of what is limited, until its answer is sent."""

    @property
    def wants_csv(self) -> bool:
        return prefers_csv(self.request.headers.get("accept", ""))

    @property
    def body_bytes(self) -> int | None:
        """The body's length as announced; None for one that comes in chunks."""
        return announced_bytes(self.request.headers.get("content-length"))

    @property
    def is_compressed(self) -> bool:
        return self.request.headers.get("content-encoding", "identity").lower() != "identity"

    def require_idempotency_key(self) -> str | None:
        return require_key(self.request.headers.getlist("idempotency-key"))

    def take_or_make_traceparent(self) -> str:
        given = self.request.headers.getlist(trace_context.HEADER)
        return trace_context.taken_or_made(given, secrets.randbits(trace_context.RANDOM_BITS))

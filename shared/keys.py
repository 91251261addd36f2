"""Every key that lies in the object store. Keys are ids and content hashes only (pure)."""

import hashlib
from uuid import UUID

KEY_HASH_LENGTH = 32  # hex digits: 128 bits, so a key cannot be guessed


def request_prefix(request_id: UUID) -> str:
    return f"requests/{request_id}/"


def source_key(request_id: UUID) -> str:
    return f"requests/{request_id}/source.csv"


def rows_key(request_id: UUID) -> str:
    return f"requests/{request_id}/rows.ndjson"


def request_key(request_id: UUID) -> str:
    return f"requests/{request_id}/request.json"


def output_csv_key(request_id: UUID, run: int) -> str:
    """Each run has its own file, so that a reader of the last run's file never sees half of the next."""
    return f"requests/{request_id}/output-{run}.csv"


def original_key(request_id: UUID, ordinal: int, content_hash: str, extension: str) -> str:
    return f"requests/{request_id}/original/{ordinal}-{content_hash[:KEY_HASH_LENGTH]}.{extension}"


def output_key(request_id: UUID, ordinal: int, content_hash: str, extension: str) -> str:
    return f"requests/{request_id}/output/{ordinal}-{content_hash[:KEY_HASH_LENGTH]}.{extension}"


def ledger_key(tenant: str, idempotency_key: str) -> str:
    return f"idempotency/{tenant}/{hashlib.sha256(idempotency_key.encode()).hexdigest()}.json"

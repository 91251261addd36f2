"""Every key that lies in the object store. Keys are ids and content hashes only (pure)."""

import hashlib
import re
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

KEY_HASH_LENGTH = 32  # hex digits: 128 bits, so a key cannot be guessed
REQUESTS_PREFIX = "requests/"
LEDGER_PREFIX = "idempotency/"
MARK_KEY = "database-mark"  # says which database this store belongs to
FULL_TENANTS_KEY = "backlog/full-tenants.json"  # of `FullTenants`

_IMAGE_KEY = re.compile(
    r"requests/(?P<request>[0-9a-f-]{36})/(?P<kind>original|output)/(?P<ordinal>[0-9]{1,9})"
    rf"-(?P<content_hash>[0-9a-f]{{{KEY_HASH_LENGTH}}})\.(?P<extension>[a-z0-9]{{1,5}})"
)
_OUTPUT_CSV = re.compile(r"requests/[0-9a-f-]{36}/output-([0-9]{1,9})\.csv")
_REQUEST_FOLDER = re.compile(
    r"requests/([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})/?"
)
_NAME_IN_A_FOLDER = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*", re.ASCII)
_YEAR_10000 = 253_402_300_800_000  # in milliseconds: no clock shows it


def request_prefix(request_id: UUID) -> str:
    return f"{REQUESTS_PREFIX}{request_id}/"


def is_in_folder(key: str, request_id: UUID) -> bool:
    """Whether it names a file of this request, and nothing else of the store or outside of it."""
    prefix = request_prefix(request_id)
    return key.startswith(prefix) and _NAME_IN_A_FOLDER.fullmatch(key, len(prefix)) is not None


def source_key(request_id: UUID) -> str:
    return f"{request_prefix(request_id)}source.csv"


def rows_key(request_id: UUID) -> str:
    return f"{request_prefix(request_id)}rows.ndjson"


def request_key(request_id: UUID) -> str:
    return f"{request_prefix(request_id)}request.json"


def output_csv_key(request_id: UUID, run: int) -> str:
    """Each run has its own file, so that a reader of the last run's file never sees half of the next."""
    return f"{request_prefix(request_id)}output-{run}.csv"


def original_key(request_id: UUID, ordinal: int, content_hash: str, extension: str) -> str:
    return f"{request_prefix(request_id)}original/{_image_name(ordinal, content_hash, extension)}"


def output_key(request_id: UUID, ordinal: int, content_hash: str, extension: str) -> str:
    return f"{request_prefix(request_id)}output/{_image_name(ordinal, content_hash, extension)}"


def _image_name(ordinal: int, content_hash: str, extension: str) -> str:
    return f"{ordinal}-{content_hash[:KEY_HASH_LENGTH]}.{extension}"


def ledger_key(tenant: str, idempotency_key: str) -> str:
    return f"{LEDGER_PREFIX}{tenant}/{hashlib.sha256(idempotency_key.encode()).hexdigest()}.json"


class ImageKey(NamedTuple):
    """What the key of an original or an output says."""

    request: str  # has the form of an id; nothing more is known of it
    kind: str
    ordinal: int
    content_hash: str
    extension: str


def parse_image_key(key: str) -> ImageKey | None:
    """None for every key that is not an image's."""
    match = _IMAGE_KEY.fullmatch(key)
    if match is None:
        return None
    return ImageKey(
        request=match["request"],
        kind=match["kind"],
        ordinal=int(match["ordinal"]),
        content_hash=match["content_hash"],
        extension=match["extension"],
    )


def run_of_output_csv(key: str) -> int | None:
    """The run that this output CSV tells of; None for every other key."""
    match = _OUTPUT_CSV.fullmatch(key)
    return int(match[1]) if match else None


def request_of_folder(folder: str) -> UUID | None:
    """The request that this folder belongs to; None for a folder that ingest cannot have made."""
    match = _REQUEST_FOLDER.fullmatch(folder)
    request_id = UUID(match[1]) if match else None
    return request_id if request_id is not None and _milliseconds(request_id) < _YEAR_10000 else None


def made_at(request_id: UUID) -> datetime:
    """When ingest drew this id, a UUIDv7."""
    return datetime.fromtimestamp(_milliseconds(request_id) / 1000, UTC)


def _milliseconds(request_id: UUID) -> int:
    return request_id.int >> 80

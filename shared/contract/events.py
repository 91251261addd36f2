"""Every event that crosses a service's border, and every topic's name: the one contract all services share.
What else there is to a topic is declared in topics/*.toml.

Fields are only ever added; readers ignore what they do not know; a breaking change is a new type.
"""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self, TypedDict
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, GetPydanticSchema, PlainSerializer, WithJsonSchema
from pydantic_core.core_schema import no_info_after_validator_function, str_schema

from shared.contract.codes import Code, known_code
from shared.contract.completed_data import CompletedData, DocumentedAs
from shared.contract.partitions import attempt_key

TARGET_HEADER = "pixmill_target"  # the encrypted webhook target

TENANT_HEADER = "pixmill_tenant"  # whose secret signs the delivery


class Topic(StrEnum):
    CSV_ACCEPTED = "csv.accepted"
    IMAGE_REQUESTED = "image.requested"
    IMAGE_DONE = "image.done"
    REQUEST_COMPLETED = "request.completed"
    WEBHOOK_ATTEMPTED = "webhook.attempted"
    WEBHOOK_RETRY = "webhook.retry"

    @property
    def dead_letters(self) -> str:
        return f"{self.value}.dlq"


class Priority(StrEnum):
    HIGH = "high"
    NORMAL = "normal"
    BULK = "bulk"


class ImageFormat(StrEnum):
    KEEP = "keep"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    AVIF = "avif"


class RequestState(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ImageOutcome(StrEnum):
    DONE = "done"
    FAILED = "failed"
    STALE = "stale"  # no work was done, for reasons of ours or because its host takes no more: it comes again


class DeliveryOutcome(StrEnum):
    DELIVERED = "delivered"
    FAILED = "failed"
    GONE = "gone"  # 410: the receiver wants no more, for good
    DEFERRED = "deferred"  # not posted, no attempt; status asks again when due
    UNDELIVERABLE = "undeliverable"  # the target is no URL or must not be called


def utc_text(moment: datetime) -> str:
    """A UTC time as the API writes it: milliseconds and Z."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


# On the wire it is a text; a reader that refused a newer service's code would refuse its message.
ToldCode = Annotated[
    Code,
    GetPydanticSchema(
        lambda _source, _handler: no_info_after_validator_function(known_code, str_schema()),
    ),
]

# Readers bury what no column of theirs holds; schemas, which only ever gain, do not tell of it.
Number = Annotated[int, Field(ge=0, le=2**31 - 1), WithJsonSchema({"type": "integer"})]
Bytes = Annotated[int, Field(ge=0, le=2**40), WithJsonSchema({"type": "integer"})]  # a sum of millions fits
Tenant = Annotated[str, Field(min_length=1, max_length=63), WithJsonSchema({"type": "string"})]
Quality = Annotated[int, Field(ge=1, le=95), WithJsonSchema({"type": "integer"})]

UtcTime = Annotated[datetime, PlainSerializer(utc_text, when_used="json")]

_EVENT_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://pixmill.example/events")
_HASHED_NAMESPACE = hashlib.sha1(_EVENT_NAMESPACE.bytes, usedforsecurity=False)


class Event(BaseModel):
    """One fact or command on a topic. Its value on the wire is compact JSON."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    TOPIC: ClassVar[Topic]

    request_id: UUID

    def key(self) -> str:
        """Events of one key come in order, for they lie in one partition."""
        return str(self.request_id)

    def subject(self) -> str:
        return self.key()

    def event_id(self) -> UUID:
        """The same for every repeat of the same fact, so that a reader can tell a repeat from news."""
        raise NotImplementedError

    def value(self) -> bytes:
        return self.model_dump_json().encode()

    @classmethod
    def parse(cls, value: bytes) -> Self:
        return cls.model_validate_json(value)


def deterministic_id(event_type: str, subject: object, *parts: object) -> UUID:
    """A UUIDv5. The library's own way to it takes half as long again, and each message has one."""
    hashed = _HASHED_NAMESPACE.copy()
    hashed.update("/".join(map(str, (event_type, subject, *parts))).encode())
    return UUID(bytes=hashed.digest()[:16], version=5)


class CsvAccepted(Event):
    """A validated CSV lies in the store. The webhook target, if any, travels encrypted in a header."""

    TYPE = "pixmill.csv.accepted.v1"
    TOPIC = Topic.CSV_ACCEPTED

    tenant: Tenant
    created_at: UtcTime
    filename: str
    source_key: str
    source_bytes: Bytes
    source_sha256: str
    rows_key: str
    columns: tuple[str, ...]  # the input's header as it was spelled, for the output CSV
    products: Number
    images: Number
    skipped_rows: Number = 0
    quality: int = Field(default=50, ge=1, le=95)
    format: ImageFormat = ImageFormat.KEEP
    priority: Priority = Priority.NORMAL
    webhook_url: str | None = None  # as shown to people: without userinfo and the values of its query

    def event_id(self) -> UUID:
        return deterministic_id(self.TYPE, self.request_id)


class AttemptNames(TypedDict):
    request_id: UUID
    image_id: UUID
    ordinal: int
    run: int
    attempt: int


class _OfAttempt(Event):
    """About one attempt at an image in one run of its request."""

    image_id: UUID
    ordinal: Number
    run: Number
    attempt: Number

    def event_id(self) -> UUID:
        return deterministic_id(self.TYPE, self.image_id, self.run, self.attempt)

    def attempt_names(self) -> AttemptNames:
        """What its answer has in common with it."""
        return {
            "request_id": self.request_id,
            "image_id": self.image_id,
            "ordinal": self.ordinal,
            "run": self.run,
            "attempt": self.attempt,
        }


class ImageRequested(_OfAttempt):
    """Fetch this URL, compress it, store both."""

    TYPE = "pixmill.image.requested.v1"
    TOPIC = Topic.IMAGE_REQUESTED

    url: str
    quality: Quality
    format: ImageFormat
    take_by: UtcTime
    failures: Number = 0  # of this image in this run: one that has failed says little of its host
    host_away_seconds: float | None = None  # of a host that answered before: for so long it has been at rest
    host_answered_url: str | None = None  # one that it answered: whether it is away shows by it

    def key(self) -> str:
        """Each attempt lies in another partition than the one before."""
        return attempt_key(self.image_id, self.attempt)

    def subject(self) -> str:
        return str(self.image_id)


class StageTimes(BaseModel):
    """Where the processor's time for one image went, on its monotonic clock."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    fetch_ms: float = 0
    queue_ms: float = 0  # until a decoder was free
    codec_ms: float = 0  # decode, encode, and the way to the decoder and back
    decode_ms: float = 0
    encode_ms: float = 0
    store_ms: float = 0
    total_ms: float = 0


class ImageDone(_OfAttempt):
    """One attempt at an image ended: with an output, with a failure code, or without a verdict on it."""

    TYPE = "pixmill.image.done.v1"
    TOPIC = Topic.IMAGE_DONE

    outcome: ImageOutcome
    code: ToldCode | None = None  # when failed; when stale, what its host answers to whom it turns away
    retryable: bool = False
    retry_after_seconds: float | None = None
    refused: bool = False  # stale: its host itself turned this image away
    detail: str | None = None
    original_key: str | None = None
    output_key: str | None = None
    bytes_in: Bytes = 0
    bytes_out: Bytes = 0
    width: Number | None = None
    height: Number | None = None
    format: str | None = None  # of the output: jpeg, png, …
    sha256: str | None = None  # of the output
    recompressed: bool = True  # False: the input, stripped, was already the smaller file
    times: StageTimes = StageTimes()


class RequestCompleted(Event):
    """One run of a request ended. Status renders the value once; its bytes are also the webhook's body."""

    model_config = ConfigDict(frozen=True, extra="allow")

    TYPE = "pixmill.request.completed.v1"
    TOPIC = Topic.REQUEST_COMPLETED

    type: str = "request.completed"
    timestamp: UtcTime
    run: Number
    status: RequestState
    message: str
    output_csv_url: str | None
    data: Annotated[dict[str, Any], DocumentedAs(CompletedData)]

    def event_id(self) -> UUID:
        return deterministic_id(self.TYPE, self.request_id, self.run)


class WebhookAttempted(Event):
    """The notifier's answer to one delivery it was asked for."""

    TYPE = "pixmill.webhook.attempted.v1"
    TOPIC = Topic.WEBHOOK_ATTEMPTED

    webhook_id: UUID  # the id of the request.completed event that is delivered
    attempt: Number
    outcome: DeliveryOutcome
    attempted_at: UtcTime
    duration_ms: float = 0
    status_code: Number | None = None
    error: str | None = None
    response_excerpt: str | None = None
    retry_after_seconds: float | None = None
    too_old: bool = False  # deferred: by the notifier's clock, which may be wrong, this may be a replay

    def event_id(self) -> UUID:
        return deterministic_id(self.TYPE, self.webhook_id, self.attempt, self.outcome.value)


class WebhookRetry(Event):
    """Post these bytes to that target now. The target travels encrypted in a header."""

    TYPE = "pixmill.webhook.retry.v1"
    TOPIC = Topic.WEBHOOK_RETRY

    tenant: str
    webhook_id: UUID
    attempt: Number
    body: str  # the value of request.completed; its UTF-8 bytes are posted unchanged
    due_at: UtcTime
    at_any_age: bool = False  # it was deferred as too old, and status knows that it is due

    def event_id(self) -> UUID:
        return deterministic_id(self.TYPE, self.webhook_id, self.attempt)


EVENTS: Mapping[Topic, type[Event]] = {
    event.TOPIC: event
    for event in (CsvAccepted, ImageRequested, ImageDone, RequestCompleted, WebhookAttempted, WebhookRetry)
}

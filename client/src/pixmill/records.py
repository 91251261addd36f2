"""How a request stands and what became of it, as typed values. Each keeps in `json` the JSON it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

Json = Mapping[str, Any]
# What `from_json` raises for JSON of another shape, and `json.loads` for what is none.
NOT_SO = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


class State(str, Enum):
    """The states of a request. Compare with them: `request.state == State.COMPLETED`."""

    PENDING = "pending"
    PROCESSING = "processing"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


_ENDED = frozenset({"completed", "failed", "cancelled"})


@dataclass(frozen=True)
class Counts:
    """How many there are; `remaining` images are still open."""

    products: int = 0
    images: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    remaining: int = 0
    skipped_rows: int = 0

    @classmethod
    def from_json(cls, json: Json) -> "Counts":
        return cls(**{name: int(json.get(name) or 0) for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Failure:
    """One reason for which images of a request failed."""

    code: str
    count: int
    hint: str
    fixer: str  # who can do something about it: `uploader`, `origin` (who serves the image) or `operator`
    retryable: bool  # trying again may help, without anybody doing anything
    help_url: str | None  # a page of the server about this code
    json: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, json: Json) -> "Failure":
        return cls(
            code=str(json["code"]),
            count=int(json["count"]),
            hint=str(json.get("hint") or ""),
            fixer=str(json.get("fixer") or "operator"),
            retryable=bool(json.get("retryable")),
            help_url=json.get("help_url"),
            json=json,
        )


@dataclass(frozen=True)
class Request:
    """How a request stands. `progress` goes from 0 to 100 and is exactly 100 once it has ended."""

    id: str
    run: int
    state: str  # one of `State`
    progress: float
    counts: Counts
    filename: str | None
    created_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None
    eta_seconds: float | None
    bytes_in: int
    bytes_out: int
    failures: Mapping[str, int]  # how many images failed with this code
    reasons: Sequence[Failure]  # the same, with what each means; not in lists of requests
    json: Json = field(repr=False, compare=False)

    @property
    def ended(self) -> bool:
        return self.state in _ENDED

    @property
    def bytes_saved(self) -> int:
        return self.bytes_in - self.bytes_out

    @classmethod
    def from_json(cls, json: Json) -> "Request":
        return cls(
            id=str(json["request_id"]),
            run=int(json.get("run") or 1),
            state=str(json["state"]),
            progress=float(json.get("progress") or 0),
            counts=Counts.from_json(json.get("counts") or {}),
            filename=json.get("filename"),
            created_at=moment(json.get("created_at")),
            completed_at=moment(json.get("completed_at")),
            expires_at=moment(json.get("expires_at")),
            eta_seconds=json.get("eta_seconds"),
            bytes_in=int(json.get("bytes_in") or 0),
            bytes_out=int(json.get("bytes_out") or 0),
            failures={each["code"]: int(each["count"]) for each in json.get("failures") or ()},
            reasons=[Failure.from_json(each) for each in json.get("failures") or ()],
            json=json,
        )


@dataclass(frozen=True)
class Image:
    """What became of one image. `code` and `hint` say why it failed, `help_url` leads to what to do."""

    id: str
    product_id: str
    ordinal: int  # its place in the whole file, from 0
    state: str
    input_url: str
    output_url: str | None
    original_url: str | None
    code: str | None
    hint: str | None
    help_url: str | None
    bytes_in: int | None
    bytes_out: int | None
    json: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, json: Json) -> "Image":
        return cls(
            id=str(json["id"]),
            product_id=str(json["product_id"]),
            ordinal=int(json["ordinal"]),
            state=str(json["state"]),
            input_url=str(json["input_url"]),
            output_url=json.get("output_url"),
            original_url=json.get("original_url"),
            code=json.get("code"),
            hint=json.get("hint"),
            help_url=json.get("help_url"),
            bytes_in=json.get("bytes_in"),
            bytes_out=json.get("bytes_out"),
            json=json,
        )


@dataclass(frozen=True)
class Product:
    """A row. `output_urls` has a place for each of `input_urls`, None where there is no output."""

    serial_number: int | str
    name: str
    input_urls: Sequence[str]
    output_urls: Sequence[str | None]
    status: str
    json: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, json: Json) -> "Product":
        return cls(
            serial_number=json["serialNumber"],
            name=str(json["productName"]),
            input_urls=list(json["inputImageUrls"]),
            output_urls=list(json["outputImageUrls"]),
            status=str(json["processingStatus"]),
            json=json,
        )


@dataclass(frozen=True)
class Delivery:
    """What was done to tell the webhook of the end of one run; `json["log"]` has every answer."""

    webhook_id: str
    run: int
    state: str
    attempts: int
    json: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, json: Json) -> "Delivery":
        return cls(str(json["webhook_id"]), int(json["run"]), str(json["state"]), int(json["attempts"]), json)


@dataclass(frozen=True)
class Completion:
    """The end of a run, as the webhook, Kafka and `GET /v1/events` tell it. The same `id` may come twice."""

    id: str
    request_id: str
    run: int
    state: str
    message: str
    counts: Counts
    products: Sequence[Product]  # the first of them where `json["data"]["products_truncated"]`
    json: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, event_id: str, json: Json) -> "Completion":
        data = json.get("data") or {}
        return cls(
            id=event_id,
            request_id=str(json["request_id"]),
            run=int(json.get("run") or 1),
            state=str(data.get("state") or json.get("status")),
            message=str(json.get("message", "")),
            counts=Counts.from_json(data.get("counts") or {}),
            products=[Product.from_json(each) for each in data.get("products") or ()],
            json=json,
        )


def moment(text: str | None) -> datetime | None:
    """Python 3.10 does not read the Z."""
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00"))

"""What the server says of a file, as typed values: accepted or not, which cells are wrong, what it assumed.
Each keeps the JSON that it came from in `json`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pixmill.records import Counts, Json


@dataclass(frozen=True)
class Warned:
    """Something that was assumed about a file."""

    code: str
    message: str
    json: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, json: Json) -> "Warned":
        return cls(str(json.get("code", "")), str(json.get("message", "")), json)


@dataclass(frozen=True)
class RowError:
    """One wrong cell. `row` is the number that a spreadsheet shows, `cell` is a workbook's (`Sheet1!C5`)."""

    row: int | None
    column: str | None
    cell: str | None
    value: str | None
    code: str
    hint: str
    json: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, json: Json) -> "RowError":
        value = json.get("value")
        return cls(
            row=json.get("row"),
            column=json.get("column"),
            cell=json.get("cell"),
            value=None if value is None else str(value),
            code=str(json.get("code", "")),
            hint=str(json.get("hint") or ""),
            json=json,
        )


@dataclass(frozen=True)
class Accepted:
    """An upload that was accepted: from now on it has an id."""

    id: str
    message: str
    counts: Counts
    warnings: Sequence[Warned]
    json: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, json: Json) -> "Accepted":
        return cls(
            id=str(json["request_id"]),
            message=str(json.get("message", "")),
            counts=Counts.from_json(json.get("counts") or {}),
            warnings=[Warned.from_json(each) for each in json.get("warnings") or ()],
            json=json,
        )


@dataclass(frozen=True)
class Judgement:
    """What the server would make of a file that it did not accept: `POST /v1/validate`."""

    counts: Counts
    warnings: Sequence[Warned]
    mapping: Json  # which columns it takes: serial_number, product_name, image_urls
    json: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, json: Json) -> "Judgement":
        return cls(
            counts=Counts.from_json(json.get("counts") or {}),
            warnings=[Warned.from_json(each) for each in json.get("warnings") or ()],
            mapping=json.get("mapping") or {},
            json=json,
        )

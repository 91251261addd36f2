"""What callers put into paths and queries: each limit stands here once, for check and document alike."""

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import WithJsonSchema

from services.status.api.openapi.example_request import OUTPUT_KEY
from services.status.reading.report_stream import Export
from services.status.records.states import ImageState
from shared.contract.codes import Code, FailureCode, named_code
from shared.contract.events import RequestState
from shared.web.openapi.answers import EXAMPLE_ID
from shared.web.openapi.schemas import TEXT, one_of
from shared.web.problems import Problem, invalid_request

LONGEST_WAIT_SECONDS = 30.0
LARGEST_PAGE = 1000
LONGEST_SEARCH_CHARACTERS = 200
A_CODE = rf"^(http_[0-9]{{3}}|{'|'.join(FailureCode)})$"
SHOWN_CHARACTERS = 40  # of what a caller made up
NO_NUL = "^[^\\x00]+$"  # which Postgres does not take as text
_NEXT_PAGE = "`next` of the page before."
_ONLY_THESE = "Only these."

RequestId = Annotated[str, Path(description="As the upload answered.", examples=[EXAMPLE_ID])]
FileKey = Annotated[str, Path(description="As output_url and original_url have it.", examples=[OUTPUT_KEY])]

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Of a page.")]
Wait = Annotated[
    float,
    Query(
        ge=0,
        allow_inf_nan=False,
        description="Answer when the run has ended or, with If-None-Match, something is new; after so many"
        f" seconds at the latest, {LONGEST_WAIT_SECONDS:.0f} at most.",
    ),
]

# Who leaves one out sends no null, so the document does not speak of null.
Cursor = Annotated[str | None, Query(description=_NEXT_PAGE), WithJsonSchema(TEXT)]
Search = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=LONGEST_SEARCH_CHARACTERS,
        pattern=NO_NUL,
        description="A part of the file's name, or the beginning of an id. A call looks through some thousand"
        " requests: its page may have few items, or none, and yet a `next`.",
    ),
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": LONGEST_SEARCH_CHARACTERS, "pattern": NO_NUL}
    ),
]
After = Annotated[
    str | None,
    Query(
        description="`next` of the page before, or where that is null your last `after`; or the id of the "
        "last event you read."
    ),
    WithJsonSchema(TEXT),
]
RequestsIn = Annotated[
    RequestState | None, Query(description=_ONLY_THESE), WithJsonSchema(one_of(list(RequestState)))
]
ImagesIn = Annotated[
    ImageState | None, Query(description=_ONLY_THESE), WithJsonSchema(one_of(list(ImageState)))
]
Columns = Annotated[
    Literal["extended"] | None,
    Query(description="State, code and bytes of each image as well."),
    WithJsonSchema(one_of([Export.EXTENDED])),
]

FailedWith = Annotated[
    list[str],
    Query(
        default_factory=list,
        description="Only what failed with this code, as `failures` has it; several times for several codes.",
    ),
    WithJsonSchema({"type": "array", "items": {"type": "string", "pattern": A_CODE}}),
]


def code_of(name: str) -> Code:
    code = named_code(name)
    if code is None:
        raise unknown_code(name)
    return code


def unknown_code(name: str) -> Problem:
    shown = name[:SHOWN_CHARACTERS]
    return invalid_request(f"code: {shown!r} is no failure code; `failures` of the request has its codes.")


def page_too_large() -> Problem:
    return invalid_request(f"limit: Input should be less than or equal to {LARGEST_PAGE}")


def too_long_search() -> Problem:
    return invalid_request(f"search: String should have at most {LONGEST_SEARCH_CHARACTERS} characters")


def negative_wait() -> Problem:
    return invalid_request("wait: Input should be greater than or equal to 0")


def unknown_columns() -> Problem:
    return invalid_request(f"columns: Input should be '{Export.EXTENDED}'")

"""The OpenAPI document of the status service."""

from collections.abc import Sequence

from services.status.api import actions, csv_downloads, image_files
from services.status.api.json_answers import unknown_cursor
from services.status.api.object_answers import range_behind_end
from services.status.api.openapi import examples
from services.status.api.openapi.schemas import IMAGE_STATE, SCHEMAS
from services.status.api.v1 import LONGEST_WAIT_SECONDS
from shared.contract.events import RequestState
from shared.web.api_keys import Scope
from shared.web.openapi import (
    EXAMPLE_ID,
    TEXT,
    Json,
    answer,
    document,
    keyed,
    members,
    one_of,
    parameter,
    ref,
    refused,
)
from shared.web.problems import Problem, away, invalid_request, request_not_found

_DESCRIPTION = """\
How far uploads are, what became of each image, and the compressed files. Send an `X-Request-Id` to find a
call in the logs. Right after an upload the state is `pending`; an id that nobody knows is 404."""


def api_document(*, asks_for_keys: bool) -> Json:
    paths = {**_reading(), **_changing(), **_downloads(), **_spellings()}
    return document("Pixmill status", _DESCRIPTION, paths, SCHEMAS, asks_for_keys=asks_for_keys)


def _reading() -> dict[str, Json]:
    listing = answer("A page.", ref("Requests"), examples.requests())
    images = answer("A page, in the order of the CSV.", ref("Images"), examples.images())
    deliveries = answer("A page, by run.", ref("Deliveries"), examples.deliveries())
    stream = answer("Server-sent events.", members(event=TEXT, data=TEXT), _STREAM, "text/event-stream")
    events = answer("A page, in order, without gaps.", ref("Events"), examples.events())
    return {
        "/v1/requests": {
            "get": _operation(
                "listRequests",
                "Your requests, the newest first",
                {"200": listing, "304": _NOT_MODIFIED},
                (invalid_request("limit: Input should be less than or equal to 1000"), unknown_cursor()),
                (parameter("state", "query", one_of(list(RequestState)), "Only these."), _CURSOR, _LIMIT),
            )
        },
        "/v1/requests/{request_id}": {
            "get": _operation(
                "getRequest",
                "How far a request is",
                {"200": _request("The request."), "304": _NOT_MODIFIED},
                (invalid_request("wait: Input should be greater than or equal to 0"), request_not_found()),
                (_REQUEST_ID, _WAIT),
            ),
            "delete": _delete(),
        },
        "/v1/requests/{request_id}/images": {
            "get": _operation(
                "listImages",
                "What became of each image",
                {"200": images},
                (invalid_request("limit: Input should be less than or equal to 1000"), request_not_found()),
                (_REQUEST_ID, parameter("state", "query", IMAGE_STATE, "Only these."), _ORDINAL, _LIMIT),
            )
        },
        "/v1/requests/{request_id}/deliveries": {
            "get": _operation(
                "listDeliveries",
                "The webhook's deliveries, one a run",
                {"200": deliveries},
                (invalid_request("limit: Input should be less than or equal to 1000"), request_not_found()),
                (_REQUEST_ID, _ORDINAL, _LIMIT),
            )
        },
        "/v1/requests/{request_id}/events": {
            "get": _of_request("streamEvents", "Progress as it happens, up to the end", {"200": stream})
        },
        "/v1/events": {
            "get": _operation(
                "listEvents",
                "The ends of all your requests",
                {"200": events},
                (invalid_request("limit: Input should be less than or equal to 1000"), unknown_cursor()),
                (_AFTER, _LIMIT),
            )
        },
    }


def _changing() -> dict[str, Json]:
    """They take no body."""
    changes = {
        "/cancel": ("cancelRequest", "Stop it", "It has ended already."),
        "/retry": ("retryRequest", "Try again what failed or was cancelled", actions.NOTHING_TO_RETRY),
        "/deliveries/redeliver": ("redeliver", "Send the webhook again", actions.NOTHING_TO_DELIVER),
    }
    return {
        f"/v1/requests/{{request_id}}{path}": {
            "post": _operation(
                name,
                summary,
                {"202": _request("It will be done; the request as it is now.")},
                (request_not_found(), actions.conflict(why_not), actions.not_recorded_yet()),
                (_REQUEST_ID,),
                scope=Scope.MANAGE,
            )
        }
        for path, (name, summary, why_not) in changes.items()
    }


def _delete() -> Json:
    gone = {"request_id": EXAMPLE_ID, "state": "deleted"}
    return _operation(
        "deleteRequest",
        "Remove it, its images and its files",
        {"202": answer("Nobody finds it any more.", ref("Deleted"), gone)},
        (request_not_found(), actions.not_recorded_yet()),
        (_REQUEST_ID,),
        scope=Scope.MANAGE,
    )


def _downloads() -> dict[str, Json]:
    key = parameter("key", "path", TEXT, "As output_url and original_url have it.", examples.FILE_KEY)
    binary = {"description": "The image.", "content": {"image/*": {}}}
    image = _operation(
        "getFile",
        "An image; an original needs a key",
        {"200": binary, **_PARTLY},
        (image_files.file_not_found(), range_behind_end(48_211)),
        (key,),
    )
    return {
        "/v1/requests/{request_id}/output.csv": {"get": _output("getOutputCsv")},
        "/v1/requests/{request_id}/failed.csv": {"get": _failed()},
        "/v1/files/{key}": {"get": image | {"security": []}},
    }


def _spellings() -> dict[str, Json]:
    snake = answer("The request.", ref("StatusSnake"), examples.snake_status())
    camel = answer("The request.", ref("StatusCamel"), examples.camel_status())
    return {
        "/status/{request_id}": {"get": _of_request("statusSnake", "How far a request is", {"200": snake})},
        "/api/status/{request_id}": {
            "get": _of_request("statusCamel", "How far a request is", {"200": camel})
        },
        "/download/{request_id}": {"get": _output("downloadSnake")},
        "/api/download/{request_id}": {"get": _output("downloadCamel")},
    }


def _output(name: str) -> Json:
    csv = answer("Your columns and Output Image Urls.", TEXT, examples.output(), "text/csv")
    problems = (
        csv_downloads.output_not_found(),
        invalid_request("columns: Input should be 'extended'"),
        range_behind_end(391),
    )
    answers = {"200": csv, **_PARTLY}
    return _operation(name, "The CSV with the new URLs", answers, problems, (_REQUEST_ID, _COLUMNS))


def _failed() -> Json:
    csv = answer("Your rows, Error and Suggestion.", TEXT, examples.failed(), "text/csv")
    return _operation(
        "getFailedCsv",
        "The rows that failed, to be mended and uploaded again",
        {"200": csv, "304": _NOT_MODIFIED},
        (csv_downloads.output_not_found(),),
        (_REQUEST_ID,),
    )


def _of_request(name: str, summary: str, answers: dict[str, Json]) -> Json:
    return _operation(name, summary, answers, (request_not_found(),), (_REQUEST_ID,))


def _operation(
    name: str,
    summary: str,
    answers: dict[str, Json],
    problems: Sequence[Problem],
    parameters: Sequence[Json],
    *,
    scope: Scope = Scope.READ,
) -> Json:
    return {
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "responses": answers | refused(*problems, *keyed(scope), away("database")),
    }


def _request(description: str) -> Json:
    return answer(description, ref("Request"), examples.request())


_NOT_MODIFIED: Json = {"description": "You have it already (If-None-Match)."}
_PARTLY: Json = {"206": {"description": "The part you asked for (Range, If-Range)."}, "304": _NOT_MODIFIED}
_COLUMNS = parameter("columns", "query", one_of(["extended"]), "State, code and bytes of each image as well.")
_STREAM = f"event: request.completed\nid: {EXAMPLE_ID}\ndata: {{}}\n\n"
_REQUEST_ID = parameter("request_id", "path", TEXT, "As the upload answered.", EXAMPLE_ID)
_LIMIT = parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 1000}, "Of a page.")
_CURSOR = parameter("cursor", "query", TEXT, "`next` of the page before.")
_ORDINAL = parameter(
    "cursor", "query", {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}, "`next` of the page before."
)
_AFTER = parameter("after", "query", TEXT, "`next` of the page before, or the id of the last event you read.")
_WAIT = parameter(
    "wait",
    "query",
    {"type": "number", "minimum": 0},
    f"Answer when the run has ended or, with If-None-Match, something is new; after so many seconds at the"
    f" latest, {LONGEST_WAIT_SECONDS:.0f} at most.",
)

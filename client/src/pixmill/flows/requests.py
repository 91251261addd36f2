"""What can be asked of the server, each as a flow (pure)."""

import codecs
import csv
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pixmill.csv_text import csv_text
from pixmill.flows.calling import PROBLEM_BEGINS, answered, json_of
from pixmill.flows.effects import Answer, Call, Emit, Flow, Send
from pixmill.flows.form import Form, Sent
from pixmill.flows.paths import REQUESTS, request_path
from pixmill.judgements import Accepted, Judgement
from pixmill.patience import Patience
from pixmill.records import Completion, Delivery, Image, Json, Request
from pixmill.upload import File, Upload

LARGEST_PAGE = 1000
OUTPUT_COLUMN = "Output Image Urls"


def uploaded(
    file: File,
    options: Upload,
    patience: Patience,
    *,
    idempotency_key: str | None = None,
    on_sent: Sent | None = None,
) -> Flow[Accepted]:
    """Tried again under one key, so that it is one request however often it was sent."""
    call = Call(
        "POST",
        REQUESTS,
        headers={"idempotency-key": idempotency_key or str(uuid.uuid4())},
        body=Form(file, options.fields(), on_sent),
        read_seconds=patience.upload_seconds,
    )
    return (yield from json_of(call, patience, Accepted.from_json))


def validated(file: File, options: Upload, patience: Patience) -> Flow[Judgement]:
    body = Form(file, options.fields())
    call = Call("POST", "/v1/validate", body=body, read_seconds=patience.upload_seconds)
    return (yield from json_of(call, patience, Judgement.from_json))


def marked(file: File, options: Upload, patience: Patience) -> Flow[bytes | None]:
    """The file with the columns Error and Suggestion; None if no row can be marked."""
    call = Call(
        "POST",
        "/v1/validate",
        headers={"accept": "text/csv, application/json;q=0.5"},
        body=Form(file, options.fields()),
        read_seconds=patience.upload_seconds,
    )
    answer: Answer = yield Send(call)
    if "text/csv" in answer.headers.get("content-type", ""):
        return None if _has_only_marks(answer.body) else answer.body
    if answer.status >= PROBLEM_BEGINS:
        yield from answered(Send(call), patience)  # raises what is wrong, if it is not a row
    return None


def _has_only_marks(table: bytes) -> bool:
    """So the server answers where it could read no rows: there is nothing in it to be mended."""
    return table.removeprefix(codecs.BOM_UTF8).partition(b"\r\n")[0] == b"Error,Suggestion"


def request(request_id: str, patience: Patience) -> Flow[Request]:
    return (yield from json_of(Call("GET", request_path(request_id)), patience, Request.from_json))


def changed(
    request_id: str, action: str, patience: Patience, *, codes: Collection[str] = ()
) -> Flow[Request]:
    """`retry`, `cancel` or `deliveries/redeliver`; the codes are of a retry, and a text is one of them."""
    codes = [codes] if isinstance(codes, str) else codes
    params = {"code": sorted(codes)} if codes else {}
    call = Call("POST", request_path(request_id, f"/{action}"), params=params, repeatable=action == "cancel")
    return (yield from json_of(call, patience, Request.from_json))


def deleted(request_id: str, patience: Patience) -> Flow[None]:
    call = Call("DELETE", request_path(request_id))
    yield from answered(Send(call), patience)


def all_requests(state: str | None, patience: Patience) -> Flow[None]:
    """Emits each, the newest first."""
    params = {"state": state} if state else {}
    yield from _pages(REQUESTS, params, Request.from_json, patience)


def all_images(request_id: str, state: str | None, patience: Patience) -> Flow[None]:
    """Emits each, in the order of the file."""
    params = {"limit": str(LARGEST_PAGE)} | ({"state": state} if state else {})
    yield from _pages(request_path(request_id, "/images"), params, Image.from_json, patience)


def next_image(request_id: str, patience: Patience) -> Flow[Image | None]:
    """The first that waits for its turn, in the order of the file."""
    params = {"state": "planned", "limit": "1"}
    call = Call("GET", request_path(request_id, "/images"), params=params)
    page = yield from json_of(call, patience, _page_of(Image.from_json))
    return page.items[0] if page.items else None


def all_deliveries(request_id: str, patience: Patience) -> Flow[None]:
    yield from _pages(request_path(request_id, "/deliveries"), {}, Delivery.from_json, patience)


def all_events(after: str | None, patience: Patience) -> Flow[None]:
    """Emits each `Completion` there is, the oldest first."""
    cursor = after
    while True:
        params = {"after": cursor} if cursor else {}
        page = yield from json_of(Call("GET", "/v1/events", params=params), patience, _page_of(_completion))
        yield from map(Emit, page.items)
        if not page.items or not page.next:
            return
        cursor = page.next


def webhook_secret(patience: Patience) -> Flow[str]:
    call = Call("GET", "/v1/webhooks/secret")
    return (yield from json_of(call, patience, lambda json: str(json["secret"])))


def output_csv(request_id: str, patience: Patience) -> Flow[bytes]:
    call = Call("GET", request_path(request_id, "/output.csv"))
    answer = yield from answered(Send(call), patience)
    return answer.body


def output_rows(request_id: str, patience: Patience) -> Flow[list[dict[str, Any]]]:
    """The output CSV as rows; `Output Image Urls` as a list, with None where one image of several failed."""
    content = yield from output_csv(request_id, patience)
    rows = csv.DictReader(csv_text(content))
    return [_with_list(row) for row in rows]


def _with_list(row: Mapping[str, Any]) -> dict[str, Any]:
    cell = str(row.get(OUTPUT_COLUMN) or "")
    return {**row, OUTPUT_COLUMN: [url or None for url in cell.split(",")] if cell else []}


@dataclass(frozen=True)
class _Page:
    items: Sequence[Any]
    next: str | None


def _page_of(read: Callable[[Any], Any]) -> Callable[[Any], _Page]:
    return lambda json: _Page([read(item) for item in json["items"]], json["next"])


def _completion(item: Json) -> Completion:
    return Completion.from_json(str(item["id"]), item["data"])


def _pages(
    path: str, params: Mapping[str, str], read: Callable[[Any], Any], patience: Patience
) -> Flow[None]:
    cursor: str | None = None
    while True:
        asked = {**params, **({"cursor": cursor} if cursor else {})}
        page = yield from json_of(Call("GET", path, params=asked), patience, _page_of(read))
        yield from map(Emit, page.items)
        cursor = page.next
        if not cursor:
            return

"""The fake server's JSON and CSV, in the shapes of docs/api.md (pure)."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from pixmill.csv_text import csv_text
from pixmill.testing.codes import fixer_of, hint_of, is_retryable
from pixmill.testing.table import Table
from pixmill.testing.world import FakeRequest, moment

Json = dict[str, Any]


def accepted(request: FakeRequest, url: str) -> Json:
    table = request.table
    said = f"Accepted {_number(len(table.products), 'product')}, {_number(table.images, 'image')}."
    skipped = f" Skipped {_number(len(table.skipped), 'row')}." if table.skipped else ""
    return {
        "request_id": request.id,
        "status": "processing",
        "message": said + skipped,
        "state": "pending",
        **_upload(table),
        "status_url": f"{url}/v1/requests/{request.id}",
        "events_url": f"{url}/v1/requests/{request.id}/events",
    }


def judged(table: Table) -> Json:
    told = {"mapping": table.mapping, "errors": table.errors, "errors_total": len(table.errors)}
    return {"valid": True, **_upload(table), **told}


def _upload(table: Table) -> Json:
    """What is said of a file, accepted or not."""
    rows, listed = len(table.skipped), [f"row {row} ({code})" for row, code in table.skipped.items()]
    message = f"{_number(rows, 'row')} {'was' if rows == 1 else 'were'} skipped: {', '.join(listed)}."
    return {
        "counts": {"products": len(table.products), "images": table.images, "skipped_rows": rows},
        "warnings": [{"code": "rows_skipped", "message": message}] if rows else [],
    }


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def status(request: FakeRequest, url: str) -> Json:
    images = list(request.images())
    counts = _counts(request)
    ended = counts["images"] - counts["remaining"]
    has_ended = request.state in ("completed", "failed", "cancelled")
    codes = sorted(each["code"] for each in images if each["code"])
    return {
        "request_id": request.id,
        "run": request.run,
        "state": request.state,
        "status": request.state,
        "progress": 100.0 if has_ended else round(100 * ended / max(counts["images"], 1), 1),
        "counts": counts,
        "filename": request.upload.filename,
        "priority": request.upload.fields.get("priority", "normal"),
        "created_at": moment(request.number),
        "completed_at": moment(request.number, 30) if has_ended else None,
        "expires_at": moment(request.number + 43200) if has_ended else None,
        "eta_seconds": None,
        "bytes_in": sum(each["bytes_in"] or 0 for each in images),
        "bytes_out": sum(each["bytes_out"] or 0 for each in images),
        "failures": [_failure(code, codes.count(code), url) for code in dict.fromkeys(codes)],
        "webhook": None,
        "output_csv_url": f"{url}/v1/requests/{request.id}/output.csv" if has_ended else None,
    }


def image(json: Json, url: str) -> Json:
    path = json["path"]
    shown = {name: value for name, value in json.items() if name != "path"}
    code = json["code"]
    told = {"help_url": _help_url(code, url) if code else None}
    return {**shown, "output_url": f"{url}{path}" if path else None, "original_url": None, **told}


def products(request: FakeRequest, url: str) -> list[Json]:
    outputs = iter([image(each, url) for each in request.images()])
    return [
        _product(request, place, [next(outputs) for _ in urls])
        for place, (_, _, urls) in enumerate(request.table.products)
    ]


def completion(request: FakeRequest, url: str) -> Json:
    told = status(request, url)
    return {
        "type": "request.completed",
        "timestamp": told["completed_at"],
        "request_id": request.id,
        "requestId": request.id,
        "run": request.run,
        "status": request.state,
        "message": f"{told['counts']['done']} of {told['counts']['images']} images were processed.",
        "output_csv_url": told["output_csv_url"],
        "data": {
            **{name: told[name] for name in ("request_id", "state", "counts", "bytes_in", "bytes_out")},
            "products": products(request, url),
            "products_truncated": False,
        },
    }


def output_rows(request: FakeRequest, url: str) -> list[list[str]]:
    cells = [
        ",".join(each or "" for each in product["outputImageUrls"]) for product in products(request, url)
    ]
    added = ["Output Image Urls", *cells]
    return [[*row, cell] for row, cell in zip([request.table.columns, *request.table.rows], added)]  # noqa: B905


def failed_rows(request: FakeRequest) -> list[list[str]]:
    """As they came, with what is wrong with them."""
    codes: dict[str, list[str]] = {}
    for each in request.images():
        if each["code"]:
            codes.setdefault(each["product_id"], []).append(each["code"])
    rows = [[*request.table.columns, "Error", "Suggestion"]]
    for place, row in enumerate(request.table.rows):
        if own := codes.get(request.product_id(place)):
            rows.append([*row, " ".join(own), " ".join(map(hint_of, own))])
    return rows


def csv_of(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _failure(code: str, count: int, url: str) -> Json:
    told = {"hint": hint_of(code), "fixer": fixer_of(code), "retryable": is_retryable(code)}
    return {"code": code, "count": count, **told, "help_url": _help_url(code, url)}


def _help_url(code: str, url: str) -> str:
    return f"{url}/failures/{code}"


def _product(request: FakeRequest, place: int, images: list[Json]) -> Json:
    serial, name, urls = request.table.products[place]
    return {
        "requestId": request.id,
        "serialNumber": int(serial) if serial.isdecimal() else serial,
        "productName": name,
        "inputImageUrls": list(urls),
        "outputImageUrls": [each["output_url"] for each in images],
        "processingStatus": "completed" if any(each["output_url"] for each in images) else request.state,
    }


def _counts(request: FakeRequest) -> dict[str, int]:
    states = [each["state"] for each in request.images()]
    return {
        "products": len(request.table.products),
        "images": len(states),
        "done": states.count("done"),
        "failed": states.count("failed"),
        "cancelled": states.count("cancelled"),
        "remaining": states.count("planned"),
    }


def marked_csv(content: bytes, errors: Sequence[Json]) -> bytes:
    """The file with the columns Error and Suggestion; these alone where its header is wrong."""
    lines = list(csv.reader(csv_text(content)))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if any(each["code"] == "missing_column" or each["row"] is None for each in errors):
        writer.writerow(["Error", "Suggestion"])
        writer.writerows([each["code"], each["hint"]] for each in errors)
        return text.getvalue().encode()
    for number, line in enumerate(lines, start=1):
        own = [each for each in errors if each["row"] == number]
        added = ["Error", "Suggestion"] if number == 1 else [_joined(own, "code"), _joined(own, "hint")]
        writer.writerow([*line, *added])
    return text.getvalue().encode()


def compact(json_value: Any) -> bytes:
    return json.dumps(json_value, separators=(",", ":"), ensure_ascii=False).encode()


def _joined(errors: Sequence[Json], name: str) -> str:
    return " ".join(str(each[name]) for each in errors)

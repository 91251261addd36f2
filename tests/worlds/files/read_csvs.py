"""What the reader makes of a text, and the products in it."""

import dataclasses
import io
import json

from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import JudgedCsv, read_csv

HEADER = "S. No.,Product Name,Input Image Urls\n"
A, B = "https://a.example/1.jpg", "https://b.example/2.jpg"
BOTH = [("1", "SKU1", [A, B])]


def read(text: str | bytes, limits: CsvLimits | None = None) -> JudgedCsv:
    data = text if isinstance(text, bytes) else text.encode()
    judged = read_csv(io.BytesIO(data), limits or CsvLimits())
    with judged.rows as rows:
        return dataclasses.replace(judged, rows=io.BytesIO(rows.read()))


def products(text: str | bytes) -> list[tuple[str, str, list[str]]]:
    judged = read(text)
    assert judged.errors == ()
    lines = [json.loads(line) for line in judged.rows]
    return [
        (line["serial_number"], line["name"], [image["url"] for image in line["images"]]) for line in lines
    ]

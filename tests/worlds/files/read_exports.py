"""What the reader makes of an export: its products, and what is said of them."""

import io
import json
from typing import Any

import pytest

from services.ingest.csv_file.header.column_choice import NOTHING_SAID, ColumnChoice
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import JudgedCsv, read_csv
from services.ingest.csv_file.verdicts import CellError, UnreadableCsv
from tests.worlds.files.shop_exports import CDN

A, B = f"{CDN}/1.jpg", f"{CDN}/2.jpg"
NUMBERED = "No column numbers the rows, so they were numbered 1, 2, 3 in their order"


def read(text: str | bytes, choice: ColumnChoice = NOTHING_SAID) -> tuple[JudgedCsv, list[dict[str, Any]]]:
    data = text.encode() if isinstance(text, str) else text
    judged = read_csv(io.BytesIO(data), CsvLimits(), choice=choice)
    with judged.rows as lines:
        return judged, [json.loads(line) for line in lines]


def told(lines: list[dict[str, Any]]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (
            line["serial_number"],
            line["name"],
            tuple(image["url"].rpartition("/")[2] for image in line["images"]),
        )
        for line in lines
    ]


def warned(judged: JudgedCsv) -> dict[str, str]:
    return {warning.code: warning.message for warning in judged.warnings}


def refused(text: str, choice: ColumnChoice = NOTHING_SAID) -> CellError:
    with pytest.raises(UnreadableCsv) as raised:
        read(text, choice)
    return raised.value.errors[0]

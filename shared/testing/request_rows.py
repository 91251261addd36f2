"""The rows of a request as ingest writes them to rows.ndjson, made of its products' URLs alone."""

import json
from collections.abc import Sequence
from typing import Any


def rows_of(products: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Repeated URLs are marked."""
    firsts: dict[str, int] = {}
    rows, ordinal = [], 0
    for number, urls in enumerate(products):
        images = []
        for url in urls:
            first = firsts.setdefault(url, ordinal)
            images.append({"ordinal": ordinal, "url": url} | ({} if first == ordinal else {"same_as": first}))
            ordinal += 1
        name = f"SKU{number}"
        cells = [str(number + 1), name, ",".join(urls)]
        rows.append(
            {"row": number + 2, "serial_number": cells[0], "name": name, "cells": cells, "images": images}
        )
    return rows


def rows_file(rows: Sequence[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()

"""Promises about files: what is done exists and is right, what CSVs say is true, and what nobody names is
gone (pure).
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from chaos.live.checker.evidence import Evidence, Row, StoredFile
from chaos.live.journal import Downloaded, Upload

OUTPUT_COLUMN = "Output Image Urls"
HASH_IN_KEY = re.compile(r"-([0-9a-f]{32})\.\w+$")
OF_NO_REQUEST = ("idempotency/", "database-mark", "backlog/")
OF_AN_UPLOAD = ("source.csv", "rows.ndjson", "request.json")


def done_means_a_file_and_a_file_means_done(evidence: Evidence) -> Iterator[str]:
    for _, row in evidence.kept():
        for image in evidence.images_of.get(row["id"], ()):
            found = evidence.files.get(image["output_key"] or "")
            what = f"image {image['ordinal']} of {row['id']}"
            if image["state"] != "done":
                if image["output_url"] is not None:
                    yield f"{what} is {image['state']} and has a result"
            elif found is None:
                yield f"{what} is done, and its file is not there"
            else:
                yield from (f"{what}: {told}" for told in _of_output(image, found))


def _of_output(image: Row, found: StoredFile) -> Iterator[str]:
    in_key = HASH_IN_KEY.search(image["output_key"])
    if found.sha256 != image["sha256"] or in_key is None or not found.sha256.startswith(in_key[1]):
        yield "its file is not what its row says"
    if found.picture is None:
        yield "its file does not decode"
    elif found.picture != (image["format"], image["width"], image["height"]):
        yield f"its file is {found.picture}, its row says another"


def output_csvs_say_what_the_rows_say(evidence: Evidence) -> Iterator[str]:
    downloaded = {each.request_id: each for each in evidence.history.of(Downloaded)}
    for upload, row in evidence.kept():
        images = evidence.images_of.get(row["id"], ())
        stored = evidence.files.get(row["output_csv_path"] or "")
        if row["state"] != "cancelled" and (stored is None or stored.text is None):
            yield f"{row['id']} is {row['state']}, and its output.csv is not there"
        got = downloaded.get(row["id"])
        if got is not None and got.status != 200:
            yield f"{row['id']} is {row['state']}, and its output.csv is answered with {got.status}"
        texts = [stored.text if stored else None, got.text if got and got.status == 200 else None]
        for text in texts:
            if text is not None and _told(text) != _expected(upload, images):
                yield f"output.csv of {row['id']} does not say what its rows say"


def _told(text: str) -> list[tuple[str, list[str]]]:
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    return [(row["S. No."], (row[OUTPUT_COLUMN] or "").split(",")) for row in rows]


def _expected(upload: Upload, images: Sequence[Row]) -> list[tuple[str, list[str]]]:
    """An image without a row was cancelled before it had one."""
    results = [image["output_url"] or "" for image in images]
    results += [""] * (len(upload.urls) - len(results))
    expected, start = [], 0
    for number, urls in enumerate(upload.products, 1):
        expected.append((str(number), results[start : start + len(urls)]))
        start += len(urls)
    return expected


def no_row_belongs_to_nobody(evidence: Evidence) -> Iterator[str]:
    for table, count in evidence.stray_rows.items():
        if count:
            yield f"{count} rows of {table} belong to no request, or to one that is purged"
    for row in evidence.requests:
        if row["deleted_at"] is not None and row["purged_at"] is None:
            yield f"{row['id']} is deleted, and never purged"


def no_file_belongs_to_nobody_after_the_sweep(evidence: Evidence) -> Iterator[str]:
    if evidence.files_after_sweep is None:
        return
    named = {image[kind] for image in evidence.images for kind in ("original_key", "output_key")}
    kept = {row["id"]: row for row in evidence.requests if row["deleted_at"] is None}
    for key in sorted(evidence.files_after_sweep):
        if key.startswith(OF_NO_REQUEST) or key in named:
            continue
        _, request_id, name = [*key.split("/", 2), "", ""][:3]
        row = kept.get(request_id)
        if row is None or (name not in OF_AN_UPLOAD and key != row["output_csv_path"]):
            yield f"{key} belongs to nobody"

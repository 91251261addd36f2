"""Rows as a CSV, and files that change while they are sent."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from pixmill.flows.downloading import image_name
from pixmill.flows.form import Form
from pixmill.records import Image
from pixmill.upload import csv_of, file_of


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def test_columns_stand_as_they_first_come_and_what_is_missing_is_empty() -> None:
    rows: list[dict[str, Any]] = [{"a": 1, "b": float("nan")}, {"c": None, "a": 2.0}, {"b": "x,y\n"}]
    assert read(csv_of(rows)) == [["a", "b", "c"], ["1", "", ""], ["2", "", ""], ["", "x,y\n", ""]]


def test_lists_of_addresses_are_one_cell() -> None:
    plain = ["https://x/a,b.jpg", "https://x/c.jpg"]
    nested = ["https://x/?u=1,https://y/z.jpg", "https://x/c.jpg"]
    (_, (cell,), (other,)) = read(csv_of([{"urls": plain}, {"urls": tuple(nested)}]))
    assert cell == "https://x/a,b.jpg,https://x/c.jpg"
    assert other == '["https://x/?u=1,https://y/z.jpg", "https://x/c.jpg"]'


def test_a_file_that_grows_meanwhile_is_sent_as_long_as_was_said(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(b"12345")
    form = Form(file_of(path), {})
    path.write_bytes(b"123456789")
    assert len(b"".join(form.chunks())) == form.length


def test_a_path_that_cannot_be_read_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        file_of(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("input_url", "name"),
    [
        ("https://x/a/Tea%20pot.JPEG?w=3", "00012-Tea-pot.webp"),
        ("https://x/../../etc/passwd", "00012-passwd.webp"),
        ("https://x/%2e%2e%2f%2e%2e%2fevil.jpg", "00012-evil.webp"),
        ("https://x/", "00012-image.webp"),
        ("https://x/.jpg", "00012-image.webp"),
        ("https://x/茶壶.png", "00012-茶壶.webp"),
        ("https://x/" + "a" * 500 + ".png", "00012-" + "a" * 80 + ".webp"),
        ("https://x/" + "ก" * 500 + ".png", "00012-" + "ก" * 66 + ".webp"),  # of three bytes each
        ("https://x/" + "𠀋" * 500 + ".png", "00012-" + "𠀋" * 50 + ".webp"),
    ],
)
def test_an_image_s_name_is_of_its_place_and_shop_and_never_leads_elsewhere(
    input_url: str, name: str
) -> None:
    image = Image.from_json(
        {
            "id": "i",
            "product_id": "p",
            "ordinal": 11,
            "state": "done",
            "input_url": input_url,
            "output_url": "https://cdn.example/v1/files/requests/r/output/11-00.webp",
        }
    )
    assert image_name(image) == name

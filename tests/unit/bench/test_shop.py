"""The shop lists distinct URLs of the same files, and its host answers pieces of requests as they come."""

import csv
import io
import itertools
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bench.programs.image_host import MISSING, answers_from, requested_names
from bench.world.shop import Shop

SHOP = Shop("http://127.0.0.1:1", [Path("/crops/000.jpg"), Path("/crops/001.jpg")])


def urls(mark: str, rows: int) -> list[str]:
    text = SHOP.csv(rows, mark).decode()
    return [row["Input Image Urls"] for row in csv.DictReader(io.StringIO(text))]


def test_a_csv_names_each_file_in_turn_at_ever_new_addresses() -> None:
    found = urls("a", 5)
    assert [url.partition("?")[0].rpartition("/")[2] for url in found] == [
        SHOP.file(row).name for row in range(5)
    ]
    assert len(set(found + urls("b", 5))) == 10


@given(st.lists(st.integers(0, 400), max_size=8))
def test_requests_are_answered_however_they_are_cut_into_pieces(cuts: list[int]) -> None:
    whole = b"".join(b"GET /%03d.jpg?mark-%d HTTP/1.1\r\nHost: x\r\n\r\n" % (n, n) for n in range(8))
    found, rest = [], b""
    places = sorted({0, *(min(cut, len(whole)) for cut in cuts), len(whole)})
    for start, end in itertools.pairwise(places):
        names, rest = requested_names(rest + whole[start:end])
        found += names
    assert found == [b"/%03d.jpg" % n for n in range(8)]
    assert rest == b""


def test_the_host_knows_its_files_by_name_with_their_length(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"12345")
    (tmp_path / "notes.txt").write_text("no image")
    ((path, answer),) = answers_from(tmp_path).items()
    assert path == b"/a.jpg"
    assert answer.endswith(b"Content-Length: 5\r\n\r\n12345")
    assert MISSING.startswith(b"HTTP/1.1 404")

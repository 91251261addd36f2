"""R28: both clients before the fake server, which speaks real HTTP."""

import codecs
import csv
import io
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from pixmill import (
    AsyncClient,
    Client,
    ConflictError,
    DamagedFileError,
    InvalidRequestError,
    NotFoundError,
    Patience,
    Request,
    State,
    UnauthorizedError,
    Upload,
)
from pixmill.exchange import Address
from pixmill.testing import FakePixmill
from pixmill.upload import Source
from python_calamine import CalamineWorkbook

from tests.unit.client.conftest import PRODUCTS

A, B, C = (f"https://shop.example/{name}.jpg" for name in "abc")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "products.csv"
    path.write_bytes(PRODUCTS)
    return path


def test_from_a_file_to_products(client: Client, server: FakePixmill, file: Path) -> None:
    server.fail(B)
    accepted = client.upload(file)
    assert accepted.message == "Accepted 2 products, 3 images."
    ended = client.wait(accepted.id)
    assert (ended.state, ended.ended, ended.failures) == (State.COMPLETED, True, {"http_404": 1})
    teapot, lamp = client.products(accepted.id)
    assert (teapot.name, teapot.input_urls, teapot.output_urls[1]) == ("Teapot", [A, B], None)
    assert lamp.output_urls[0] is not None
    images = list(client.images(accepted.id))
    assert [(each.input_url, each.code) for each in images] == [(A, None), (B, "http_404"), (C, None)]


ROWS = [
    {"S. No.": 1, "Product Name": "Teapot", "Input Image Urls": [A, B]},
    {"S. No.": 2, "Product Name": "Lamp", "Input Image Urls": C},
]


@pytest.mark.parametrize(
    ("source", "filename"),
    [(PRODUCTS, "products.csv"), (io.BytesIO(PRODUCTS), "products.csv"), (ROWS, "products.csv")],
    ids=["bytes", "open file", "rows"],
)
def test_other_sources_are_the_same_upload(
    client: Client, server: FakePixmill, source: Source, filename: str
) -> None:
    if isinstance(source, io.BytesIO):
        source.seek(0)
    accepted = client.upload(source)
    assert [list(each.input_urls) for each in client.products(accepted.id)] == [[A, B], [C]]
    assert server.uploads[0].filename == filename


@pytest.mark.parametrize(
    "source",
    [io.StringIO(PRODUCTS.decode()), codecs.getreader("utf-8")(io.BytesIO(PRODUCTS)), [A], None, 5],
    ids=["text", "decoded bytes", "no rows", "None", "number"],
)
def test_what_cannot_be_an_upload_is_told_at_the_call(
    client: Client, server: FakePixmill, source: Any
) -> None:
    for call in (client.upload, client.validate, client.marked):
        with pytest.raises(TypeError, match=r"an upload is a path, bytes, a file opened in binary mode"):
            call(source)
    assert server.calls == []


def test_options_and_odd_names_travel(client: Client, server: FakePixmill) -> None:
    options = Upload(
        webhook_url="https://shop.example/hook", quality=70, format="webp", priority="bulk", skip_invalid=True
    )
    client.upload(PRODUCTS, options, filename='ein "Blatt" größer.csv')
    (upload,) = server.uploads
    assert upload.fields == {
        "webhook_url": "https://shop.example/hook",
        "quality": "70",
        "format": "webp",
        "priority": "bulk",
        "on_invalid": "skip",
    }
    assert upload.filename.replace("%22", '"') == 'ein "Blatt" größer.csv'


def test_an_upload_that_breaks_off_is_one_request(client: Client, server: FakePixmill) -> None:
    server.cut_next()
    server.refuse_next(503, retry_after="0")
    accepted = client.upload(PRODUCTS)
    assert len(server.uploads) == 2  # the refused one was not read
    assert len({each.idempotency_key for each in server.uploads}) == 1
    assert [each.id for each in client.requests()] == [accepted.id]


def test_how_much_was_sent_is_told(client: Client) -> None:
    sent: list[tuple[int, int]] = []
    client.upload(PRODUCTS, on_sent=lambda part, whole: sent.append((part, whole)))
    assert sent == [(len(PRODUCTS), len(PRODUCTS))]


def test_what_is_wrong_with_a_file_is_told_cell_by_cell(client: Client) -> None:
    wrong = PRODUCTS.replace(b"https://shop.example/c", b"htp://shop.example/c")
    for judge in (client.upload, client.validate):
        with pytest.raises(InvalidRequestError) as raised:
            judge(wrong)
        (error,) = raised.value.errors
        assert (error.row, error.column, error.code) == (3, "Input Image Urls", "invalid_url")
        assert raised.value.kind == "invalid-csv"
    marked = client.marked(wrong)
    assert marked is not None
    assert marked.splitlines()[2].endswith(b"invalid_url,Begin it with https://.")
    assert client.marked(PRODUCTS) is None
    assert client.marked(b"a,b\r\n1,2\r\n") is None, "its rows cannot be read"
    assert client.validate(PRODUCTS).counts.images == 3


def test_progress_is_told_while_it_waits(client: Client, server: FakePixmill) -> None:
    server.hold()
    accepted = client.upload(PRODUCTS)
    seen: list[str] = []

    def look(request: Request) -> None:
        seen.append(request.state)
        server.release()

    assert client.wait(accepted.id, look).state == State.COMPLETED
    assert seen == ["processing", "completed"]


def test_waiting_goes_on_through_broken_connections(client: Client, server: FakePixmill) -> None:
    accepted = client.upload(PRODUCTS)
    server.cut_next(times=3)
    assert client.wait(accepted.id).ended


def test_products_of_an_answer_that_breaks_off_come_once_each(client: Client, server: FakePixmill) -> None:
    accepted = client.upload([{**ROWS[1], "S. No.": number} for number in range(50)])
    server.cut_next(after_bytes=900)
    assert [each.serial_number for each in client.products(accepted.id)] == list(range(50))


def test_images_come_whole_and_once(client: Client, server: FakePixmill, tmp_path: Path) -> None:
    accepted = client.upload(PRODUCTS)
    folder = tmp_path / "out"
    first = list(client.download_images(accepted.id, folder))
    assert sorted(each.path.name for each in first) == ["00001-a.jpg", "00002-b.jpg", "00003-c.jpg"]
    assert all(each.fresh for each in first)
    before = len(server.calls)
    assert not any(each.fresh for each in client.download_images(accepted.id, folder))
    assert server.calls[before:] == [f"GET /v1/requests/{accepted.id}/images"]
    assert sorted(each.name for each in folder.iterdir()) == ["00001-a.jpg", "00002-b.jpg", "00003-c.jpg"]


@pytest.mark.parametrize("name", ["pipe", "open-file", "link"])
def test_a_pipe_or_an_open_file_is_never_replaced_by_a_table(
    client: Client, tmp_path: Path, name: str
) -> None:
    accepted = client.upload(PRODUCTS)
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "log").open("wb") as log:
        (tmp_path / "open-file").symlink_to(f"/proc/self/fd/{log.fileno()}")
        (tmp_path / "link").symlink_to("open-file")
        before = (tmp_path / name).lstat().st_ino
        with pytest.raises(OSError, match="a file would take its place"):
            client.download_csv(accepted.id, tmp_path / name)
    assert (tmp_path / name).lstat().st_ino == before


def test_a_link_that_leads_in_a_circle_is_replaced_by_a_table(client: Client, tmp_path: Path) -> None:
    accepted = client.upload(PRODUCTS)
    (tmp_path / "circle").symlink_to("circle")
    assert client.download_csv(accepted.id, tmp_path / "circle").path.is_file()


def test_a_download_that_broke_off_goes_on_where_it_stood(
    client: Client, server: FakePixmill, tmp_path: Path
) -> None:
    accepted = client.upload([ROWS[1]])
    whole = server.world.requests[accepted.id].content(C)
    (tmp_path / "00001-c.jpg.part").write_bytes(whole[:7])
    (saved,) = client.download_images(accepted.id, tmp_path)
    assert saved.path.read_bytes() == whole
    assert [each.name for each in tmp_path.iterdir()] == ["00001-c.jpg"]


@pytest.mark.parametrize("begun", [b"x" * 7, b"x" * 7000], ids=["short", "too long"])
def test_what_is_left_of_something_else_is_replaced(
    client: Client, server: FakePixmill, tmp_path: Path, begun: bytes
) -> None:
    accepted = client.upload([ROWS[1]])
    (tmp_path / "00001-c.jpg.part").write_bytes(begun)
    (saved,) = client.download_images(accepted.id, tmp_path)
    assert saved.path.read_bytes() == server.world.requests[accepted.id].content(C)


def test_a_damaged_download_never_gets_its_name(client: Client, server: FakePixmill, tmp_path: Path) -> None:
    accepted = client.upload([ROWS[1]])
    server.damage(C)
    with pytest.raises(DamagedFileError):
        list(client.download_images(accepted.id, tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_output_csv_replaces_the_old_one_only_when_it_is_whole(
    client: Client, server: FakePixmill, tmp_path: Path
) -> None:
    accepted = client.upload(PRODUCTS)
    path = tmp_path / "out.csv"
    path.write_text("old")
    server.cut_next(after_bytes=10)
    client.download_csv(accepted.id, path)
    assert path.read_bytes() == client.output_csv(accepted.id)
    rows = client.output_rows(accepted.id)
    assert [len(row["Output Image Urls"]) for row in rows] == [2, 1]
    assert [each.name for each in tmp_path.iterdir()] == ["out.csv"]


def test_a_row_of_a_thousand_addresses_comes_back(client: Client, server: FakePixmill) -> None:
    """Python's reader of CSV takes 131,072 characters a cell, unless it is told."""
    urls = [f"https://shop.example/{'long-' * 30}{number}.jpg" for number in range(1000)]
    before = csv.field_size_limit(131_072)
    try:
        accepted = client.upload([{"S. No.": 1, "Product Name": "Teapot", "Input Image Urls": urls}])
        client.wait(accepted.id)
        (row,) = client.output_rows(accepted.id)
    finally:
        csv.field_size_limit(before)
    assert row["Input Image Urls"].split(",") == urls
    assert len(row["Output Image Urls"]) == len(urls)


def test_the_output_as_a_workbook_and_the_rows_that_failed(
    client: Client, server: FakePixmill, tmp_path: Path
) -> None:
    server.fail(C)
    accepted = client.upload(PRODUCTS)
    saved = client.download_workbook(accepted.id, tmp_path / "out.xlsx")
    sheet = CalamineWorkbook.from_path(str(saved.path)).get_sheet_by_index(0).to_python()
    assert [len(row) for row in sheet] == [4, 4, 4]
    failed = client.download_failed_rows(accepted.id, tmp_path / "failed.csv").path.read_text()
    assert [line.split(",")[1] for line in failed.splitlines()] == ["Product Name", "Lamp"]


def test_a_retry_may_be_of_some_codes(client: Client, server: FakePixmill) -> None:
    for url, code in ((A, "timed_out"), (B, "http_404"), (C, "http_503")):
        server.fail(url, code)
    accepted = client.upload(PRODUCTS)
    server.world.failing.clear()
    assert client.retry(accepted.id, ["timed_out", "http_503"]).run == 2
    assert client.wait(accepted.id).failures == {"http_404": 1}
    with pytest.raises(ConflictError):
        client.retry(accepted.id, ["timed_out"])
    assert client.retry(accepted.id, "http_404").run == 3, "one code needs no list"


def test_each_reason_says_who_can_mend_it(client: Client, server: FakePixmill) -> None:
    server.fail(C, "timed_out")
    (reason,) = client.wait(client.upload(PRODUCTS).id).reasons
    assert (reason.code, reason.count, reason.fixer, reason.retryable) == ("timed_out", 1, "origin", True)
    assert reason.help_url == f"{server.url}/failures/timed_out"


def test_retry_cancel_and_delete(client: Client, server: FakePixmill) -> None:
    server.fail(C)
    accepted = client.upload(PRODUCTS)
    server.mend(C)
    assert client.retry(accepted.id).run == 2
    with pytest.raises(ConflictError):
        client.cancel(accepted.id)
    server.hold()
    second = client.upload(PRODUCTS)
    assert client.cancel(second.id).state == State.CANCELLED
    assert [each.id for each in client.requests("cancelled")] == [second.id]
    client.delete(second.id)
    with pytest.raises(NotFoundError):
        client.request(second.id)


def test_events_go_on_behind_the_last_one(client: Client) -> None:
    first, second = client.upload(PRODUCTS), client.upload(PRODUCTS)
    one, two = client.events()
    assert (one.request_id, two.request_id) == (first.id, second.id)
    assert one.counts.done == 3
    assert [each.id for each in client.events(after=one.id)] == [two.id]


def test_a_key_is_without_the_end_of_its_line_from_the_start() -> None:
    assert Address("http://pixmill.test", " pxm_secret\n", Patience(), 1).api_key == "pxm_secret"


@pytest.mark.parametrize(
    "url", ["pixmill.example", "http://x y", "http://a%20b:8000", "http://", "https://[::1"]
)
def test_what_can_be_no_server_s_address_is_told_when_a_client_is_made(url: str) -> None:
    with pytest.raises(ValueError, match="is no address of a server; one is as https://"):
        Client(url)
    assert Address("http://[fe80::1%eth0]:8000", None, Patience(), 1).whole("/x").startswith("http://[fe80")


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_an_address_that_is_no_text_is_told_as_such(kind: Any) -> None:
    with pytest.raises(TypeError, match="and no NoneType"):
        kind(None)  # of an environment variable that is not set


def test_the_key_is_sent(tmp_path: Path) -> None:
    with FakePixmill(api_key="pxm_secret") as server:
        with Client(server.url) as nameless, pytest.raises(UnauthorizedError):
            nameless.request("x")
        with Client(server.url, "pxm_secret") as named:
            assert list(named.requests()) == []


class Noticing(io.BytesIO):
    """A file that may be slow, and notes who reads it."""

    read_by: threading.Thread | None = None

    def read(self, size: int | None = -1) -> bytes:
        self.read_by = threading.current_thread()
        return super().read(size)


@pytest.mark.parametrize("call", ["upload", "validate", "marked"])
async def test_a_slow_file_holds_up_no_event_loop(server: FakePixmill, call: str) -> None:
    file = Noticing(PRODUCTS)
    async with AsyncClient(server.url) as client:
        await getattr(client, call)(file)
    assert file.read_by not in (None, threading.current_thread())


def test_one_client_serves_many_threads(server: FakePixmill, tmp_path: Path) -> None:
    with Client(server.url) as client:
        accepted = client.upload([{**ROWS[1], "Input Image Urls": [f"{A}?{n}" for n in range(40)]}])
        saved = list(client.download_images(accepted.id, tmp_path, parallel=8))
        assert len({each.path for each in saved}) == 40


def test_a_client_that_hangs_up_is_not_told_as_an_error_of_the_server(
    server: FakePixmill, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(error: Exception) -> str:
        try:
            raise error
        except type(error):
            server._http.handle_error(None, ("127.0.0.1", 1))
        return capsys.readouterr().err

    assert told(BrokenPipeError()) == ""
    assert "a mistake" in told(ValueError("a mistake"))


def test_a_consumer_that_stops_early_leaves_nothing_open(server: FakePixmill) -> None:
    with Client(server.url) as client:
        accepted = client.upload(PRODUCTS)
        server.hold()
        for _ in client.follow(accepted.id):
            break
        assert client.request(accepted.id).ended


@pytest.mark.parametrize("request_id", [".", "..", "a/b", "a?b", "../.."])
def test_whatever_is_given_as_an_id_stays_one_segment(
    client: Client, server: FakePixmill, request_id: str
) -> None:
    with pytest.raises(NotFoundError, match="Request ID not found"):
        client.request(request_id)
    (call,) = server.calls
    assert call.startswith("GET /v1/requests/")
    assert call.count("/") == 3

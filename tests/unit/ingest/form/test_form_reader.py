"""The form is read as it comes, however it is cut, and within its limits."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.form.file_spool import WRITE_BYTES, FileSpool
from services.ingest.form.filename import clean_filename, sent_filename
from services.ingest.form.form import Form
from services.ingest.form.reader import FormLimits, read_form
from shared.observing.loop_lag import LoopLag
from shared.observing.vitals import watch_event_loop
from shared.web.problems import Problem
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.simulated.jumping_loop import JumpingLoop, in_a_jumping_loop

TYPE = "multipart/form-data; boundary=xyz"
LIMITS = FormLimits(file_bytes=3_000_000, silence_seconds=DEADLINE_SECONDS, total_seconds=DEADLINE_SECONDS)


def part(name: str, value: bytes, filename: str | None = None) -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    return f'--xyz\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + value + b"\r\n"


def whole(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--xyz--\r\n"


async def in_pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def read(body: bytes, size: int = 65_536, limits: FormLimits = LIMITS) -> Form:
    return asyncio.run(read_form(TYPE, in_pieces(body, size), limits))


def refusal(body: bytes, limits: FormLimits = LIMITS) -> Problem:
    with pytest.raises(Problem) as raised:
        read(body, limits=limits)
    return raised.value


@given(content=st.binary(max_size=200).filter(lambda data: b"--xyz" not in data), size=st.integers(1, 100))
def test_a_form_reads_the_same_however_it_is_cut(content: bytes, size: int) -> None:
    form = read(whole(part("quality", b" 60 "), part("file", content, "p.csv"), part("x", b"y")), size)
    assert (form.file.read() if not form.file.seek(0) else None) == content
    assert (dict(form.fields), form.filename) == ({"quality": "60"}, "p.csv")
    assert (form.file_bytes, form.file_sha256) == (len(content), hashlib.sha256(content).hexdigest())
    form.file.close()


async def test_what_has_come_of_a_large_file_does_not_gather_in_memory() -> None:
    spool = FileSpool(io.BytesIO(), max_bytes=10 * WRITE_BYTES)
    for pieces in range(1, 9):
        spool.add(bytes(WRITE_BYTES))
        await spool.write_if_full()
        assert spool.file.tell() == pieces * WRITE_BYTES


def test_a_file_may_have_as_many_bytes_as_the_limit_and_no_more() -> None:
    limits = replace(LIMITS, file_bytes=1_000)
    form = read(whole(part("file", bytes(1_000), "p.csv")), limits=limits)
    form.file.close()
    assert form.file_bytes == 1_000
    assert refusal(whole(part("file", bytes(1_001), "p.csv")), limits).status == 413


def test_a_large_file_is_read_whole() -> None:
    content = b"0123456789" * 250_000
    with read(
        whole(part("csvFile", content, "p.csv"), part("webhookUrl", b"https://x.example"))
    ).file as file:
        file.seek(0)
        assert file.read() == content


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (whole(part("file", b"x" * 3_000_001, "p.csv")), 413),
        (whole(part("file", b"x", "p.csv"), part("other", b"x" * 5_000_000, "q.bin")), 413),
        (whole(part("file", b"x", "p.csv"), part("quality", b"5" * 20_000)), 400),
        (whole(part("file", b"x", "p.csv"), part("quality", b"\xff")), 400),
        (whole(part("file", b"x", "p.csv"), part("file", b"y", "q.csv")), 400),
        (whole(part("file", b"x", "p.csv"), part("csvFile", b"y", "q.csv")), 400),
        (whole(part("quality", b"1"), part("quality", b"2"), part("file", b"x", "p.csv")), 400),
        (whole(part("file", b"", "")), 400),
        (whole(*[part("x", b"")] * 51, part("file", b"x", "p.csv")), 400),
        (whole(part("file", b"x", "p" * 10_000)), 400),
        (part("file", b"x", "p.csv"), 400),
        (b"--xyz\r\n\r\nx\r\n--xyz--\r\n", 400),
        (b"--abc--\r\n", 400),
        (b"", 400),
    ],
)
def test_what_is_no_form_of_ours_is_refused(body: bytes, status: int) -> None:
    """R03, R20"""
    assert refusal(body).status == status


def test_a_file_may_be_sent_without_a_name() -> None:
    form = read(whole(part("file", b"x")))
    assert form.filename == "upload.csv"
    form.file.close()


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("filename*=utf-8''St%C3%BChle%20%E2%82%AC.csv", "Stühle €.csv"),  # requests with urllib3 1.26
        ("filename=\"=?utf-8?B?U3TDvGhsZQ==?=\"; filename*=utf-8''St%C3%BChle", "Stühle"),  # .NET
        ("FileName*=ISO-8859-1'de'St%FChle.csv; size=9", "Stühle.csv"),
        ("filename*=utf-8''..%2F..%2Fetc%2Fpasswd%0D%0A", "passwd"),
        ("filename=\"a; filename*=utf-8''b.csv\"", "a; filename*=utf-8''b.csv"),
        ("filename=a.csv; filename*=b.csv", "a.csv"),
        ('filename="my%20St%C3%BChle.csv"', "my Stühle.csv"),  # aiohttp
        ('filename="a%22b.csv"', 'a"b.csv'),  # browsers
        ('filename="Fernseher 24%22, 100%25.csv"', 'Fernseher 24", 100%25.csv'),
        ('filename="two%0D%0Alines, 50%.csv"', "twolines, 50%.csv"),
        ('filename="..%2F..%2Fetc%2Fpasswd"', "passwd"),
        ('filename="50%20 off.csv"', "50%20 off.csv"),
        ('filename="50%.csv"', "50%.csv"),
    ],
)
def test_a_file_name_in_other_letters_is_known_however_it_is_spelled(sent: str, name: str) -> None:
    """R12: the request was called upload.csv, or by what nobody can read."""
    head = f'--xyz\r\nContent-Disposition: form-data; name="file"; {sent}\r\n\r\n'.encode()
    form = read(whole(head + b"products.csv\r\n"))
    assert form.filename == name
    form.file.close()


@pytest.mark.parametrize("piece", [b'\\"', b'"', b"; ", b";filename*=", b"\\"])
def test_a_hostile_header_of_a_part_takes_time_in_proportion_to_its_length(piece: bytes) -> None:
    """R20: of a quotation mark that none ends an hour's work, and 160 ms of the loop in 4 KiB alone."""
    assert sent_filename(b'form-data; x="' + piece * 400_000, b"a.csv") == b"a.csv"


@pytest.mark.parametrize("name", [b"products.csv", b"/home/me/Meine Produkte.XLSX\n", "Stühle.ods".encode()])
def test_a_name_in_place_of_the_file_is_said_to_be_one(name: bytes) -> None:
    """R03: so curl sends it where the @ was left out."""
    refused = refusal(whole(part("file", name)))
    assert refused.status == 400
    assert refused.error.startswith(f"In curl write file=@{name.decode().strip()}: ")
    assert refusal(whole(part("csvFile", name))).status == 400


@pytest.mark.parametrize("content", [b"S. No.,Product Name,a.csv", b"x.csv\ny.csv", b"x" * 400 + b".csv"])
def test_a_file_that_only_ends_like_a_name_is_read(content: bytes) -> None:
    read(whole(part("file", content))).file.close()
    read(whole(part("file", b"products.csv", "p.csv"))).file.close()


def test_silence_and_slowness_end_an_upload() -> None:
    """R20"""

    async def dripping() -> AsyncIterator[bytes]:
        yield part("file", b"x", "p.csv")
        for _ in range(1000):
            await asyncio.sleep(0.005)
            yield b"x"

    async def attempt(limits: FormLimits) -> None:
        await read_form(TYPE, dripping(), limits)

    for limits in (FormLimits(10_000, 0.05, 10), FormLimits(10_000, 5, 0.02)):
        with pytest.raises(Problem) as raised:
            asyncio.run(attempt(limits))
        assert raised.value.status == 408


@pytest.mark.parametrize("limits", [(60, 30, 900), (60, 900, 30)])
def test_an_upload_is_not_ended_for_the_time_in_which_we_stood_still(limits: tuple[int, int, int]) -> None:
    """R20: a process that was frozen for a minute told a sender who never paused that he was too slow."""

    async def until_silent(loop: JumpingLoop, came: list[float], lag: LoopLag) -> AsyncIterator[bytes]:
        yield part("file", b"x", "p.csv")
        for _ in range(3):
            await asyncio.sleep(8)
            loop.jump(60)
            await asyncio.sleep(0.001)  # what came meanwhile is read after time-outs were told
            came.append(loop.time() - lag.late_seconds())
            yield b"x"
        await asyncio.Event().wait()

    async def story() -> None:
        loop, stopping, came = asyncio.get_running_loop(), asyncio.Event(), list[float]()
        assert isinstance(loop, JumpingLoop)
        lag = LoopLag(loop.time)
        watching = asyncio.create_task(watch_event_loop(stopping, lag))
        await asyncio.sleep(0)
        with pytest.raises(Problem) as raised:
            await read_form(TYPE, until_silent(loop, came, lag), FormLimits(*limits, lag.late_seconds))
        assert (raised.value.status, len(came)) == (408, 3)
        assert loop.time() - lag.late_seconds() == pytest.approx(30, abs=1.5)
        stopping.set()
        await watching

    in_a_jumping_loop(story)


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (b"p.csv", "p.csv"),
        (b"../../etc/passwd", "passwd"),
        (b"C:\\data\\p.csv", "p.csv"),
        ("Stühle.csv".encode(), "Stühle.csv"),
        ("Stühle.csv".encode("cp1252"), "Stühle.csv"),
        (b"a\0b\r\nc.csv", "abc.csv"),
        (b"x" * 500, "x" * 255),
    ],
)
def test_a_file_name_keeps_nothing_that_could_hurt(sent: bytes, name: str) -> None:
    """R20"""
    assert clean_filename(sent) == name


def test_a_form_that_cannot_be_read_is_answered_with_where_it_went_wrong() -> None:
    error = refusal(b"--xyz\r\nContent-Disposition\r\n\r\nx\r\n--xyz--\r\n").error
    assert error.startswith("The multipart form is malformed: ")
    assert "character 13 in header at 26" in error


@pytest.mark.parametrize(
    "body",
    [
        whole(part("file", b"x", "p.csv")).replace(b"xyz", b"abc"),
        whole(part("file", b"x", "p.csv")).replace(b"\r\n", b"\n"),
        b"S. No.,Product Name,Input Image Urls\r\n",
    ],
)
def test_a_form_that_does_not_begin_with_its_boundary_is_told_so_in_plain_words(body: bytes) -> None:
    """R03: it was said that boundary character 45 was expected."""
    error = refusal(body).error
    assert error.startswith("The form does not begin with the boundary that its Content-Type names")
    assert "so that your HTTP client writes it" in error


def test_a_form_without_a_boundary_is_told_who_writes_it() -> None:
    """R03: so fetch and requests send it where their header was written by hand."""
    with pytest.raises(Problem) as raised:
        asyncio.run(read_form("multipart/form-data", in_pieces(whole(), 9), LIMITS))
    assert "so that your HTTP client writes it" in raised.value.error


@pytest.mark.parametrize("encoding", ["base64", "Quoted-Printable"])
def test_a_file_that_comes_encoded_is_refused_and_not_read_as_what_it_looks_like(encoding: str) -> None:
    """R03: each = of an address in quoted-printable was taken for =3D."""
    header = f"--xyz\r\nContent-Transfer-Encoding: {encoding}\r\n".encode()
    refused = refusal(whole(part("file", b"x", "p.csv").replace(b"--xyz\r\n", header)))
    assert (refused.status, encoding in refused.error) == (400, True)


@pytest.mark.parametrize("encoding", ["binary", "8BIT ", "7bit", ""])
def test_a_file_that_is_said_to_come_as_it_is_is_read(encoding: str) -> None:
    header = f"--xyz\r\nContent-Transfer-Encoding: {encoding}\r\n".encode()
    read(whole(part("file", b"x", "p.csv").replace(b"--xyz\r\n", header))).file.close()

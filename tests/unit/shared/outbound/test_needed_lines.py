"""What is left of an answer's head, by table: what browsers pass over keeps nobody from the rest."""

import pytest

from shared.outbound.needed_lines import needed_lines

STATUS = b"HTTP/1.1 200"


def head(*lines: bytes, line_end: bytes = b"\r\n") -> bytes:
    return line_end.join((STATUS, *lines, b"", b""))


@pytest.mark.parametrize(
    ("written", "needed"),
    [
        ((b"Content-Length: 7", b"Server: x", b"Location:/a b "), (b"content-length: 7", b"location: /a b")),
        ((b"X: " + b"a" * 20_000, b"Retry-After : 9"), (b"retry-after: 9",)),
        (
            (b"no header", b": none", b"a b: c", b"\xfc: x", b"X: \0", b"Connection: close"),
            (b"connection: close",),
        ),
        ((b"Content-Length: 7", b"content-length: 7"), (b"content-length: 7",)),
        ((b"Content-Length: 7, 7",), (b"content-length: 7",)),
        ((b"Content-Length: 7", b"Content-Length: 8"), (b"content-length: 7", b"content-length: 8")),
        ((b"Content-Length: 7, 8",), (b"content-length: 7, 8",)),
        ((b"Content-Length: None", b"Content-Length: -1", b"Content-Length: +7", b"Content-Length: 7.0"), ()),
        ((b"Content-Length: 7 bytes", b"Content-Length: 7"), (b"content-length: 7",)),
        ((b"Content-Length: 7", b"Transfer-Encoding: Chunked"), (b"transfer-encoding: Chunked",)),
        ((b"Transfer-Encoding: identity", b"Content-Length: 7"), (b"content-length: 7",)),
        ((b"X: a", b" Content-Length: 8", b"Content-Length:", b"\t7"), (b"content-length: 7",)),
        ((b"Location: /1", b"Location: /2"), (b"location: /1", b"location: /2")),
        ((b"X-Content-Length: 8", b"Content-Lengths: 8"), ()),
        ((b"Content-Length: ", b"Location:", b"Connection: close"), (b"connection: close",)),
    ],
)
def test_only_what_is_read_is_left(written: tuple[bytes, ...], needed: tuple[bytes, ...]) -> None:
    assert needed_lines(head(*written)) == head(*needed)


def test_lines_may_end_without_a_return() -> None:
    assert needed_lines(head(b"X: a", b"Content-Length: 7", line_end=b"\n")) == head(b"content-length: 7")


@pytest.mark.parametrize(
    ("written", "needed"),
    [
        (b"HTTP/1.1 200 OK", STATUS),
        (b"HTTP/1.1 200", STATUS),
        (b"HTTP/1.1  200  OK", STATUS),
        (b"http/1.1\t200 \xff\0" + b"a" * 9_000, STATUS),
        (b"HTTP/1.0 200 OK", b"HTTP/1.0 200"),
        (b"HTTP/1.2 404 X", b"HTTP/1.0 404"),
        (b"HTTP/2 200", b"HTTP/1.0 200"),
        (b"HTTP/ 200", b"HTTP/1.0 200"),
        (b"HTTP/1.1 2000 OK", b"HTTP/1.1 2000 OK"),
        (b"HTTP/1.1 OK", b"HTTP/1.1 OK"),
    ],
)
def test_a_status_is_read_beside_any_version_and_reason(written: bytes, needed: bytes) -> None:
    assert needed_lines(written + b"\r\n\r\n") == needed + b"\r\n\r\n"

"""Keeps of an HTTP answer's head the lines that somebody here reads (pure). Browsers pass over whatever else
stands there: a policy of ten kilobytes, a hundred cookies, a line that is none or says nothing, a version of
HTTP that there is not. aiohttp would refuse all of it.
"""

import re

_STATUS = re.compile(rb"HTTP/(\S*)[ \t]+(\d{3})(?!\d).*", re.IGNORECASE | re.DOTALL)
_NEEDED = re.compile(
    rb"(connection|content-length|transfer-encoding|content-encoding|location|retry-after)[ \t]*:\s*(\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_LINE_ENDS = re.compile(rb"\r?\n(?![ \t])")  # a line that begins with a space goes on with the one above
_NUMBERS = re.compile(rb"\d[\d,\s]*")  # a length that is no number, as `None` or -1, says nothing
_LENGTH, _CODING = b"content-length", b"transfer-encoding"


def needed_lines(head: bytes) -> bytes:
    """`head` is whole, with its empty line."""
    status, *lines = _LINE_ENDS.split(head.rstrip(b"\r\n"))
    read = [(match[1].lower(), match[2].strip()) for match in map(_NEEDED.fullmatch, lines) if match]
    needed = [(name, value) for name, value in read if name != _LENGTH or _NUMBERS.fullmatch(value)]
    is_chunked = any(name == _CODING and b"chunked" in value.lower() for name, value in needed)
    left_out = _LENGTH if is_chunked else _CODING  # RFC 9112, 6.3: chunks say more than a length
    said = dict.fromkeys((name, _once(value) if name == _LENGTH else value) for name, value in needed)
    written = (name + b": " + value for name, value in said if name != left_out)
    return b"\r\n".join((_status(status), *written, b"", b""))


def _status(line: bytes) -> bytes:
    """Browsers read `http/1.1 200` and `HTTP/2 200`, too; a connection is kept by default since HTTP/1.1."""
    match = _STATUS.fullmatch(line)
    return line if match is None else b"HTTP/%s %s" % (b"1.1" if match[1] == b"1.1" else b"1.0", match[2])


def _once(length: bytes) -> bytes:
    """RFC 9110, 8.6: what is said twice, alike, is one."""
    said = {each.strip() for each in length.split(b",")}
    return said.pop() if len(said) == 1 else length

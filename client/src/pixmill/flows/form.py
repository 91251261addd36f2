"""A file and fields as multipart/form-data (pure): https://www.rfc-editor.org/rfc/rfc7578"""

import os
from collections.abc import Callable, Iterator, Mapping

from pixmill.upload import File

Sent = Callable[[int, int], None]  # of so many bytes so many


class Form:
    """Fields first, so that the server knows the options when the file comes."""

    def __init__(self, file: File, fields: Mapping[str, str], on_sent: Sent | None = None) -> None:
        boundary = f"pixmill-{os.urandom(16).hex()}"
        parts = [_field(boundary, name, value) for name, value in fields.items()]
        self._head = b"".join(parts) + _file_head(boundary, file.name)
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._file = file
        self._on_sent = on_sent or (lambda _sent, _all: None)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self.length = len(self._head) + file.length + len(self._tail)

    def chunks(self) -> Iterator[bytes]:
        yield self._head
        sent = 0
        for chunk in self._file.chunks():
            yield chunk
            sent += len(chunk)
            self._on_sent(sent, self._file.length)
        yield self._tail


def _field(boundary: str, name: str, value: str) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return f"{head}{value}\r\n".encode()


def _file_head(boundary: str, name: str) -> bytes:
    """The three characters that would end a name are written as browsers write them."""
    safe = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    disposition = f'Content-Disposition: form-data; name="file"; filename="{safe}"'
    kind = "Content-Type: application/octet-stream"
    return f"--{boundary}\r\n{disposition}\r\n{kind}\r\n\r\n".encode("utf-8", "surrogateescape")

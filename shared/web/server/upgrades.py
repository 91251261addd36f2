"""Stays with HTTP/1.1 when a client asks for another protocol, also where its request has a body.

A client that asks must be ready to hear no. Java's client asks with every first request of a connection;
httptools then takes the body for the other protocol, and an upload breaks off before it began. Neither
uvicorn nor httptools has a setting against it.
"""

from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class _Parser(httptools.HttpRequestParser):
    def __init__(self, protocol: "StayingProtocol") -> None:
        super().__init__(protocol)
        self.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self._protocol = protocol

    def feed_data(self, data: bytes) -> None:  # type: ignore[override] # nothing else comes
        try:
            super().feed_data(data)
        except httptools.HttpParserUpgrade as asked:
            if self.get_method() == b"CONNECT":
                raise
            (head_ends,) = asked.args
            self._protocol.stay(bytes(data[head_ends:]))


class StayingProtocol(HttpToolsProtocol):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.parser = _Parser(self)

    def on_headers_complete(self) -> None:
        if not self._is_asked():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self._is_asked():
            super().on_message_complete()

    def _is_asked(self) -> bool:
        return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

    def stay(self, rest: bytes) -> None:
        """Reads the same head again without its Upgrade header, and then the rest."""
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        lines = [b"%s: %s\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        head = b"%s %s HTTP/%s\r\n%s\r\n" % (method, self.url, version, b"".join(lines))
        self.parser = _Parser(self)
        self.parser.feed_data(head)
        self.parser.feed_data(rest)

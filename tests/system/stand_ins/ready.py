"""A service that is ready as soon as it listens, says who it is, and ends on SIGTERM. It migrates nothing."""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ReadyHandler(BaseHTTPRequestHandler):
    status = 200
    body = b""

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("X-Served-By", os.environ["KAFKA_INSTANCE_ID"].partition("-")[0])
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keeps the log empty."""


def serve() -> None:
    if "migrate" in sys.argv:
        return
    ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), ReadyHandler).serve_forever()


if __name__ == "__main__":
    serve()

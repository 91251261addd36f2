"""The fake server: real HTTP on a port of the loopback, so that any client in any process can call it."""

import threading
import time
import uuid
from collections.abc import Sequence

from pixmill.testing import rendering
from pixmill.testing.connection import FakeServer
from pixmill.testing.handler import Handler
from pixmill.testing.state import FakeState
from pixmill.testing.world import FakeUpload
from pixmill.webhooks import signed


class FakePixmill(FakeState):
    """Accepts plain CSVs and ends each request at once, with made-up images. Use it as a context manager.

    `api_key` makes it ask for that key. Like a server whose operator allows no network of his own, it refuses
    webhook URLs of plain http and of private addresses, unless `allow_hosts` has their networks. What can go
    wrong with a real server, it does when it is told to.
    """

    def __init__(self, *, api_key: str | None = None, allow_hosts: Sequence[str] = ()) -> None:
        super().__init__(api_key=api_key, allow_hosts=allow_hosts)
        self._http = FakeServer(("127.0.0.1", 0), Handler)
        self._http.fake = self
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> "FakePixmill":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self.changed:
            self.closing = True
            self.changed.notify_all()
        self.hanging.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def uploads(self) -> list[FakeUpload]:
        """Everything that was uploaded so far, also what was refused and repeated."""
        return self.world.uploads

    def fail(self, image_url: str, code: str = "http_404") -> None:
        """From now on this image fails."""
        self.world.failing[image_url] = code

    def damage(self, image_url: str) -> None:
        """The output of this image comes with other bytes than its name says."""
        self.world.damaged.add(image_url)

    def mend(self, image_url: str) -> None:
        """It does not fail any more: a retry of its request succeeds."""
        self.world.failing.pop(image_url, None)

    def hold(self) -> None:
        """Requests that come from now on stay in the state `processing` until `release`."""
        self.world.held = True

    def release(self) -> None:
        with self.changed:
            self.world.release()
            self.changed.notify_all()

    def refuse_next(
        self, status: int, error: str = "Not now.", *, retry_after: str | None = None, times: int = 1
    ) -> None:
        """The next answers are a problem with this status."""
        self.troubles.extend([("refuse", (status, error, retry_after))] * times)

    def cut_next(self, times: int = 1, *, after_bytes: int = 0) -> None:
        """The next connections break, after so many bytes of the answer's body."""
        self.troubles.extend([("cut", after_bytes)] * times)

    def hang_next(self) -> None:
        """The next call is not answered before `unhang`."""
        self.hanging.clear()
        self.troubles.append(("hang", None))

    def unhang(self) -> None:
        self.hanging.set()

    def webhook(self, request_id: str) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the webhook at the end of this request, signed with `webhook_secret`."""
        request = self.world.requests[request_id]
        body = rendering.compact(rendering.completion(request, self.url))
        event_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{request_id}/{request.run}"))
        headers = {"content-type": "application/json"}
        return body, headers | dict(signed(event_id, int(time.time()), body, self.webhook_secret))

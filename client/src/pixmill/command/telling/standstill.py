"""Says why a request stands still: its next image was tried in vain, and is tried again by itself."""

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pixmill.command.telling.output import Output

if TYPE_CHECKING:
    from pixmill.records import Image, Request

STILL_SECONDS = 20.0


class Standstill:
    """Looks on beside whoever waits for news, and tells each standstill once."""

    def __init__(
        self,
        out: Output,
        next_image: "Callable[[], Image | None]",
        is_new: Event | None = None,
        *,
        stood_still: Callable[[], object] = lambda: None,
    ) -> None:
        self._out, self._next_image, self._stood_still = out, next_image, stood_still
        self._is_new = is_new or Event()
        self._lock = Lock()
        self._at: tuple[str, int] | None = None
        self._is_over = False

    def __enter__(self) -> "Standstill":
        if not self._out.as_json:
            Thread(target=self.watch, daemon=True).start()  # nobody waits for an answer that comes no more
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_over = True
            self._is_new.set()

    def look(self, request: "Request") -> None:
        with self._lock:
            at = (request.state, request.counts.remaining)
            if at != self._at:
                self._at = at
                self._is_new.set()

    def watch(self) -> None:
        is_told = False
        while not self._is_over:
            if self._is_new.wait(STILL_SECONDS):
                self._is_new.clear()
                is_told = False
            elif self._at and self._at[0] == "processing" and not is_told:
                self._show()
                with suppress(Exception):  # whatever it is: who waits is told of it by the call that waits
                    is_told = self._tell(self._next_image())

    def _show(self) -> None:
        with self._lock:
            if not self._is_new.is_set():
                self._stood_still()

    def _tell(self, image: "Image | None") -> bool:
        """Nothing where it has gone on, or ended, meanwhile."""
        code = image and image.json.get("last_code")
        with self._lock:
            if not image or not code or self._is_new.is_set():
                return False
            host = urlsplit(image.input_url).netloc.rpartition("@")[2]
            self._out.note(
                f"Nothing new for a while: the last try of an image at {host} ended in {code}."
                " It is tried again by itself."
            )
            return True

"""Pixmill for programs, one call after the other. `AsyncClient` is the same for an event loop."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from os import PathLike
from pathlib import Path
from typing import Any

from pixmill.exchange import Address, OnPause
from pixmill.flows import downloading, requests
from pixmill.flows.downloading import Saved
from pixmill.flows.following import Following
from pixmill.flows.form import Sent
from pixmill.flows.products import all_products
from pixmill.judgements import Accepted, Judgement
from pixmill.patience import Patience
from pixmill.records import Completion, Delivery, Image, Product, Request
from pixmill.shell import Shell
from pixmill.upload import Source, Upload, file_of

DEFAULT_URL = "http://127.0.0.1:8000"  # what `make up` serves
PARALLEL_DOWNLOADS = 8
_NO_OPTIONS = Upload()


class Client:
    """One server. Close it, or use it as a context manager; threads may share it.

    Every method raises a `PixmillError` whose text says what went wrong. Calls that broke off, or that the
    server asked to repeat, are tried again as `patience` says; an upload always under one Idempotency-Key.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        api_key: str | None = None,
        *,
        patience: Patience | None = None,
        connections: int = 20,
        on_pause: OnPause | None = None,
    ) -> None:
        """`on_pause(error, seconds)` is called before a call that went wrong is tried again."""
        self._patience = patience or Patience()
        self._shell = Shell(Address(url, api_key, self._patience, connections, on_pause))

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._shell.close()

    def upload(
        self,
        source: Source,
        options: Upload = _NO_OPTIONS,
        *,
        filename: str | None = None,
        idempotency_key: str | None = None,
        on_sent: Sent | None = None,
    ) -> Accepted:
        """A path, an open binary file, bytes, or rows as dicts. Calls `on_sent(bytes_sent, bytes_in_all)`."""
        file = file_of(source, filename)
        flow = requests.uploaded(
            file, options, self._patience, idempotency_key=idempotency_key, on_sent=on_sent
        )
        return self._shell.run(flow)

    def validate(
        self, source: Source, options: Upload = _NO_OPTIONS, *, filename: str | None = None
    ) -> Judgement:
        """What an upload would come to; raises what an upload would raise."""
        return self._shell.run(requests.validated(file_of(source, filename), options, self._patience))

    def marked(
        self, source: Source, options: Upload = _NO_OPTIONS, *, filename: str | None = None
    ) -> bytes | None:
        """The file with the columns Error and Suggestion, to be mended; None if no row can be marked."""
        return self._shell.run(requests.marked(file_of(source, filename), options, self._patience))

    def request(self, request_id: str) -> Request:
        """How it stands now."""
        return self._shell.run(requests.request(request_id, self._patience))

    def requests(self, state: str | None = None) -> Iterator[Request]:
        """All of yours, the newest first."""
        return self._shell.values(requests.all_requests(state, self._patience))

    def follow(self, request_id: str, *, timeout_seconds: float | None = None) -> Iterator[Request]:
        """Each news of it, the last one with its end."""
        return self._shell.values(Following(request_id, self._patience, timeout_seconds).run())

    def wait(
        self,
        request_id: str,
        on_progress: Callable[[Request], object] | None = None,
        *,
        timeout_seconds: float | None = None,
    ) -> Request:
        """Returns it once it has ended; `StillRunningError` if it has not in that time."""
        latest: Request | None = None
        for latest in self.follow(request_id, timeout_seconds=timeout_seconds):
            if on_progress:
                on_progress(latest)
        assert latest is not None  # noqa: S101 - a flow that ends without news raises
        return latest

    def products(self, request_id: str) -> Iterator[Product]:
        """Each row with the addresses of its images, in the order of the file."""
        return self._shell.values(all_products(request_id, self._patience))

    def images(self, request_id: str, state: str | None = None) -> Iterator[Image]:
        """Each image with its sizes, or why it failed."""
        return self._shell.values(requests.all_images(request_id, state, self._patience))

    def output_csv(self, request_id: str) -> bytes:
        """Your CSV with the column `Output Image Urls`."""
        return self._shell.run(requests.output_csv(request_id, self._patience))

    def output_rows(self, request_id: str) -> list[dict[str, Any]]:
        """The same as dicts; `Output Image Urls` is a list, with None where one image of several failed."""
        return self._shell.run(requests.output_rows(request_id, self._patience))

    def download_csv(self, request_id: str, path: "str | PathLike[str]") -> Saved:
        """The output CSV as a file; the name appears when it is whole."""
        return self._shell.run(downloading.table_saved(request_id, "output.csv", Path(path), self._patience))

    def download_workbook(self, request_id: str, path: "str | PathLike[str]") -> Saved:
        """The same as a workbook of Excel."""
        return self._shell.run(downloading.table_saved(request_id, "output.xlsx", Path(path), self._patience))

    def download_failed_rows(self, request_id: str, path: "str | PathLike[str]") -> Saved:
        """The rows with a failed image as a CSV, to be mended and uploaded again."""
        return self._shell.run(downloading.table_saved(request_id, "failed.csv", Path(path), self._patience))

    def download_images(
        self, request_id: str, folder: "str | PathLike[str]", *, parallel: int = PARALLEL_DOWNLOADS
    ) -> Iterator[Saved]:
        """Each output image as a file of this folder, verified by its sha256, in the order they come.

        What is there already is not fetched again, and what broke off goes on: call it again after anything.
        """
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(parallel) as pool:
            running: set[Future[Saved]] = set()
            try:
                for image in self.images(request_id, "done"):
                    if image.output_url is None:
                        continue
                    running.add(
                        pool.submit(self._shell.run, downloading.image_saved(image, place, self._patience))
                    )
                    if len(running) >= 2 * parallel:
                        yield from _ended(running)
                while running:
                    yield from _ended(running)
            finally:
                for future in running:
                    future.cancel()

    def retry(self, request_id: str, codes: Collection[str] = ()) -> Request:
        """Tries again what failed or was cancelled, as the request's next run; with codes, only what failed
        with one of these.
        """
        return self._shell.run(requests.changed(request_id, "retry", self._patience, codes=codes))

    def cancel(self, request_id: str) -> Request:
        return self._shell.run(requests.changed(request_id, "cancel", self._patience))

    def redeliver(self, request_id: str) -> Request:
        """Sends the webhook again."""
        return self._shell.run(requests.changed(request_id, "deliveries/redeliver", self._patience))

    def delete(self, request_id: str) -> None:
        """Removes it, its images and its files for good."""
        self._shell.run(requests.deleted(request_id, self._patience))

    def deliveries(self, request_id: str) -> Iterator[Delivery]:
        """What was done to tell the webhook, one for each run."""
        return self._shell.values(requests.all_deliveries(request_id, self._patience))

    def events(self, after: str | None = None) -> Iterator[Completion]:
        """The ends of all your requests so far, the oldest first, from behind the event `after` on."""
        return self._shell.values(requests.all_events(after, self._patience))

    def webhook_secret(self) -> str:
        """What `verify_webhook` needs."""
        return self._shell.run(requests.webhook_secret(self._patience))


def _ended(running: "set[Future[Saved]]") -> Iterator[Saved]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        running.discard(future)
        yield future.result()

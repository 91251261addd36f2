"""Pixmill for programs on an event loop. `Client` is the same for those without one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from os import PathLike
from pathlib import Path
from typing import Any

from pixmill.async_shell import AsyncShell
from pixmill.client import DEFAULT_URL, PARALLEL_DOWNLOADS
from pixmill.exchange import Address, OnPause
from pixmill.flows import downloading, requests
from pixmill.flows.downloading import Saved
from pixmill.flows.following import Following
from pixmill.flows.form import Sent
from pixmill.flows.products import all_products
from pixmill.judgements import Accepted, Judgement
from pixmill.patience import Patience
from pixmill.records import Completion, Delivery, Image, Product, Request
from pixmill.upload import Source, Upload, file_of

_NO_OPTIONS = Upload()


class AsyncClient:
    """One server. Close it, or use it as an async context manager; tasks may share it.

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
        self._shell = AsyncShell(Address(url, api_key, self._patience, connections, on_pause))

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._shell.close()

    async def upload(
        self,
        source: Source,
        options: Upload = _NO_OPTIONS,
        *,
        filename: str | None = None,
        idempotency_key: str | None = None,
        on_sent: Sent | None = None,
    ) -> Accepted:
        """A path, an open binary file, bytes, or rows as dicts. Calls `on_sent(bytes_sent, bytes_in_all)`."""
        file = await asyncio.to_thread(file_of, source, filename)
        flow = requests.uploaded(
            file, options, self._patience, idempotency_key=idempotency_key, on_sent=on_sent
        )
        return await self._shell.run(flow)

    async def validate(
        self, source: Source, options: Upload = _NO_OPTIONS, *, filename: str | None = None
    ) -> Judgement:
        """What an upload would come to; raises what an upload would raise."""
        file = await asyncio.to_thread(file_of, source, filename)
        return await self._shell.run(requests.validated(file, options, self._patience))

    async def marked(
        self, source: Source, options: Upload = _NO_OPTIONS, *, filename: str | None = None
    ) -> bytes | None:
        """The file with the columns Error and Suggestion, to be mended; None if no row can be marked."""
        file = await asyncio.to_thread(file_of, source, filename)
        return await self._shell.run(requests.marked(file, options, self._patience))

    async def request(self, request_id: str) -> Request:
        """How it stands now."""
        return await self._shell.run(requests.request(request_id, self._patience))

    def requests(self, state: str | None = None) -> AsyncIterator[Request]:
        """All of yours, the newest first."""
        return self._shell.values(requests.all_requests(state, self._patience))

    def follow(self, request_id: str, *, timeout_seconds: float | None = None) -> AsyncIterator[Request]:
        """Each news of it, the last one with its end."""
        return self._shell.values(Following(request_id, self._patience, timeout_seconds).run())

    async def wait(
        self,
        request_id: str,
        on_progress: Callable[[Request], Awaitable[object] | object] | None = None,
        *,
        timeout_seconds: float | None = None,
    ) -> Request:
        """Returns it once it has ended; `StillRunningError` if it has not in that time."""
        latest: Request | None = None
        async for latest in self.follow(request_id, timeout_seconds=timeout_seconds):
            told = on_progress(latest) if on_progress else None
            if isinstance(told, Awaitable):
                await told
        assert latest is not None  # noqa: S101 - a flow that ends without news raises
        return latest

    def products(self, request_id: str) -> AsyncIterator[Product]:
        """Each row with the addresses of its images, in the order of the file."""
        return self._shell.values(all_products(request_id, self._patience))

    def images(self, request_id: str, state: str | None = None) -> AsyncIterator[Image]:
        """Each image with its sizes, or why it failed."""
        return self._shell.values(requests.all_images(request_id, state, self._patience))

    async def output_csv(self, request_id: str) -> bytes:
        """Your CSV with the column `Output Image Urls`."""
        return await self._shell.run(requests.output_csv(request_id, self._patience))

    async def output_rows(self, request_id: str) -> list[dict[str, Any]]:
        """The same as dicts; `Output Image Urls` is a list, with None where one image of several failed."""
        return await self._shell.run(requests.output_rows(request_id, self._patience))

    async def download_csv(self, request_id: str, path: "str | PathLike[str]") -> Saved:
        """The output CSV as a file; the name appears when it is whole."""
        return await self._shell.run(
            downloading.table_saved(request_id, "output.csv", Path(path), self._patience)
        )

    async def download_workbook(self, request_id: str, path: "str | PathLike[str]") -> Saved:
        """The same as a workbook of Excel."""
        return await self._shell.run(
            downloading.table_saved(request_id, "output.xlsx", Path(path), self._patience)
        )

    async def download_failed_rows(self, request_id: str, path: "str | PathLike[str]") -> Saved:
        """The rows with a failed image as a CSV, to be mended and uploaded again."""
        return await self._shell.run(
            downloading.table_saved(request_id, "failed.csv", Path(path), self._patience)
        )

    async def download_images(
        self, request_id: str, folder: "str | PathLike[str]", *, parallel: int = PARALLEL_DOWNLOADS
    ) -> AsyncIterator[Saved]:
        """Each output image as a file of this folder, verified by its sha256, in the order they come.

        What is there already is not fetched again, and what broke off goes on: call it again after anything.
        """
        place = Path(folder)
        await asyncio.to_thread(place.mkdir, parents=True, exist_ok=True)
        running: set[asyncio.Task[Saved]] = set()
        try:
            async for image in self.images(request_id, "done"):
                if image.output_url is None:
                    continue
                flow = downloading.image_saved(image, place, self._patience)
                running.add(asyncio.create_task(self._shell.run(flow)))
                if len(running) >= parallel:
                    for saved in await _ended(running):
                        yield saved
            while running:
                for saved in await _ended(running):
                    yield saved
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def retry(self, request_id: str, codes: Collection[str] = ()) -> Request:
        """Tries again what failed or was cancelled, as the request's next run; with codes, only what failed
        with one of these.
        """
        return await self._shell.run(requests.changed(request_id, "retry", self._patience, codes=codes))

    async def cancel(self, request_id: str) -> Request:
        return await self._shell.run(requests.changed(request_id, "cancel", self._patience))

    async def redeliver(self, request_id: str) -> Request:
        """Sends the webhook again."""
        return await self._shell.run(requests.changed(request_id, "deliveries/redeliver", self._patience))

    async def delete(self, request_id: str) -> None:
        """Removes it, its images and its files for good."""
        await self._shell.run(requests.deleted(request_id, self._patience))

    def deliveries(self, request_id: str) -> AsyncIterator[Delivery]:
        """What was done to tell the webhook, one for each run."""
        return self._shell.values(requests.all_deliveries(request_id, self._patience))

    def events(self, after: str | None = None) -> AsyncIterator[Completion]:
        """The ends of all your requests so far, the oldest first, from behind the event `after` on."""
        return self._shell.values(requests.all_events(after, self._patience))

    async def webhook_secret(self) -> str:
        """What `verify_webhook` needs."""
        return await self._shell.run(requests.webhook_secret(self._patience))


async def _ended(running: "set[asyncio.Task[Saved]]") -> list[Saved]:
    done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    running -= done
    return [task.result() for task in done]

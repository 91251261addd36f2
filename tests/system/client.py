"""A user's view of the stack: uploads, asks, waits. It reads the addresses anew: children are restarted."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from deploy.local.own_stack import OwnStack
from tests.worlds.patience import DEADLINE_SECONDS, LOOK_AGAIN_SECONDS


@dataclass(frozen=True)
class ApiAnswer:
    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def is_away(self) -> bool:
        return self.status == 503 and "Retry-After" in self.headers


@dataclass
class Client:
    stack: OwnStack
    _http: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Client"]:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=DEADLINE_SECONDS)) as self._http:
            yield self

    async def ask(self, method: str, path: str) -> ApiAnswer:
        """At the one address, as everybody outside does. Comes again as it is told to: to whom asks while it
        stands still a service is away.
        """
        return await self._in_the_end(method, self.stack.endpoints["url"] + path)

    async def ask_once(self, method: str, path: str, **options: Any) -> ApiAnswer:
        return await self._answer(method, self.stack.endpoints["url"] + path, **options)

    async def inside(self, service: str, path: str) -> ApiAnswer:
        """What ingest or status answers to those behind the gateway."""
        return await self.get(self.stack.endpoints[f"{service}_url"] + path)

    async def get(self, url: str, **options: Any) -> ApiAnswer:
        return await self._in_the_end("GET", url, **options)

    async def webhook_secret(self) -> str:
        secret: str = (await self.ask("GET", "/v1/webhooks/secret")).body["secret"]
        return secret

    async def upload(
        self,
        text: str,
        path: str = "/v1/requests",
        idempotency_key: str | None = None,
        traceparent: str | None = None,
        **fields: str,
    ) -> ApiAnswer:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(text.encode()), filename="products.csv", content_type="text/csv")
        for name, value in fields.items():
            form.add_field(name, value)
        headers = {"Idempotency-Key": idempotency_key, "traceparent": traceparent}
        given = {name: value for name, value in headers.items() if value}
        return await self.ask_once("POST", path, data=form, headers=given)

    async def request(self, request_id: str) -> dict[str, Any]:
        answer = await self.ask("GET", f"/v1/requests/{request_id}")
        assert answer.status == 200, answer
        body: dict[str, Any] = answer.body
        return body

    async def until_ended(self, request_id: str) -> dict[str, Any]:
        """Polls through resets and restarts, as a patient client would, for as long as it goes on."""
        loop, counts = asyncio.get_running_loop(), None
        async with asyncio.timeout(DEADLINE_SECONDS) as patience:
            while True:
                try:
                    request = await self.request(request_id)
                except (aiohttp.ClientError, AssertionError):
                    request = {"completed_at": None, "counts": counts}
                if request["completed_at"] is not None:
                    return request
                if request["counts"] != counts:
                    counts = request["counts"]
                    patience.reschedule(loop.time() + DEADLINE_SECONDS)
                await asyncio.sleep(0.05)

    async def _in_the_end(self, method: str, url: str, **options: Any) -> ApiAnswer:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while (answer := await self._answer(method, url, **options)).is_away:
                await asyncio.sleep(LOOK_AGAIN_SECONDS)
        return answer

    async def _answer(self, method: str, url: str, **options: Any) -> ApiAnswer:
        assert self._http is not None
        async with self._http.request(method, url, allow_redirects=False, **options) as response:
            is_json = "json" in response.content_type
            body = await response.json(content_type=None) if is_json else await response.read()
            return ApiAnswer(response.status, response.headers, body)

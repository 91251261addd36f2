"""Calls of one tenant to Pixmill. A connection that breaks, or that nobody answers on, is an answer too."""

import asyncio
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from chaos.live.journal import UNKNOWN

CALL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int  # UNKNOWN where there was none
    body: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    http: aiohttp.ClientSession
    ingest_urls: Sequence[str]
    status_urls: Sequence[str]
    api_key: str
    chance: random.Random

    async def upload(
        self, filename: str, content: bytes, fields: Mapping[str, str], key: str | None
    ) -> Answer:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(content), filename=filename, content_type="text/csv")
        for name, value in fields.items():
            form.add_field(name, value)
        headers = {} if key is None else {"Idempotency-Key": key}
        url = f"{self.chance.choice(self.ingest_urls)}/v1/requests"
        return await self._answer("POST", url, headers, form)

    async def ask(self, method: str, path: str) -> Answer:
        return await self._answer(method, f"{self.chance.choice(self.status_urls)}{path}", {})

    async def _answer(
        self, method: str, url: str, headers: Mapping[str, str], form: aiohttp.FormData | None = None
    ) -> Answer:
        headers = {**headers, "X-API-Key": self.api_key}
        try:
            async with (
                asyncio.timeout(CALL_SECONDS),
                self.http.request(method, url, headers=headers, data=form) as answer,
            ):
                is_json = "json" in answer.content_type
                return Answer(answer.status, await (answer.json() if is_json else answer.text()))
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            return Answer(UNKNOWN)

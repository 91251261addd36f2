"""One shop: uploads, watches, cancels, retries and deletes. It repeats what was not answered, and notes each
answer.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chaos.live.journal import Answered, Journal, SeenEnd, Upload, Wish, Wished
from chaos.live.load.calls import Calls
from chaos.live.load.files import Files, as_csv
from chaos.live.load.receivers import Manner, Receivers

ENDED = frozenset({"completed", "failed", "cancelled"})
LOOK_SECONDS = 0.7
REPEAT_SECONDS = 1.0
TRIES_AT_THE_END = 60
TWICE = 0.2  # of the uploads with a key are sent a second time although they were answered
TWO_AT_ONCE = 0.1
CANCELS, DELETES, RETRIES, REDELIVERS = 0.12, 0.06, 0.4, 0.2
PRIORITIES = ("high", "normal", "normal", "bulk")
FORMATS = ("keep", "keep", "keep", "webp", "png")
MANNERS = {Manner.GOOD: 4, Manner.FAILING: 3, Manner.HANGING: 2, Manner.GONE: 1}


@dataclass(slots=True, kw_only=True)
class Shop:
    calls: Calls
    files: Files
    receivers: Receivers
    journal: Journal
    chance: random.Random
    closing: asyncio.Event
    accepted: list[str] = field(default_factory=list)

    async def run(self) -> None:
        while not self.closing.is_set():
            await self.send(self.files.small())

    async def send(self, upload: Upload) -> None:
        """One upload, from its first POST to what its owner wants of it in the end."""
        self.journal.add(upload)
        request_id = await self._post_until_answered(upload)
        if request_id is None:
            return
        self.accepted.append(request_id)
        if self.chance.random() < CANCELS:
            await self._wish(request_id, "cancel")
        if await self._watch(request_id) and self.chance.random() < RETRIES:
            await self._wish(request_id, "retry")
            await self._watch(request_id)
        if upload.has_webhook and self.chance.random() < REDELIVERS:
            await self._wish(request_id, "redeliver")
        if self.chance.random() < DELETES:
            await self._wish(request_id, "delete")

    async def _post_until_answered(self, upload: Upload) -> str | None:
        """With a key until somebody answers, and a while longer when all is healed; without one once."""
        form = self._form(upload)
        if upload.key is not None and self.chance.random() < TWO_AT_ONCE:
            await asyncio.gather(self._post(upload, form), self._post(upload, form))
        left = TRIES_AT_THE_END
        while (request_id := await self._post(upload, form)) is None and upload.key is not None and left:
            left -= self.closing.is_set()
            await asyncio.sleep(REPEAT_SECONDS)
        if upload.key is not None and self.chance.random() < TWICE:
            await self._post(upload, form)
        return request_id

    async def _post(self, upload: Upload, form: dict[str, str]) -> str | None:
        answer = await self.calls.upload(f"{upload.name}.csv", as_csv(upload.products), form, upload.key)
        request_id = answer.body["request_id"] if answer.status == 202 else None
        self.journal.add(Answered(name=upload.name, status=answer.status, request_id=request_id))
        return request_id

    def _form(self, upload: Upload) -> dict[str, str]:
        form = {"priority": self.chance.choice(PRIORITIES), "format": self.chance.choice(FORMATS)}
        if not upload.has_webhook:
            return form
        (manner,) = self.chance.choices(list(MANNERS), weights=list(MANNERS.values()))
        return {**form, "webhook_url": self.receivers.url(manner, upload.tenant)}

    async def _wish(self, request_id: str, wish: Wish) -> None:
        """Once: whether an answer that never came was meant well is for the checker."""
        method, path = {
            "cancel": ("POST", "/cancel"),
            "retry": ("POST", "/retry"),
            "redeliver": ("POST", "/deliveries/redeliver"),
            "delete": ("DELETE", ""),
        }[wish]
        answer = await self.calls.ask(method, f"/v1/requests/{request_id}{path}")
        self.journal.add(Wished(request_id=request_id, wish=wish, status=answer.status))

    async def _watch(self, request_id: str) -> bool:
        """Until it has ended, or everybody goes home. Says whether something of it did not succeed."""
        while not self.closing.is_set():
            wait = self.chance.choice((0, 2))
            answer = await self.calls.ask("GET", f"/v1/requests/{request_id}?wait={wait}")
            if answer.status == 404:
                return False
            if answer.status == 200 and answer.body["state"] in ENDED:
                note_end(self.journal, answer.body)
                return bool(answer.body["counts"]["failed"] or answer.body["counts"]["cancelled"])
            await asyncio.sleep(LOOK_SECONDS)
        return False


def note_end(journal: Journal, body: Mapping[str, Any]) -> None:
    journal.add(SeenEnd(request_id=body["request_id"], run=body["run"], state=body["state"]))

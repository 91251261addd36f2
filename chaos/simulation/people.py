"""What shops do in a simulation, and what they remember of it: that alone is what the checker knows."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from chaos.simulation.outside import Nature, url_of
from services.status.requests import changes
from services.status.requests.changes import Verdict
from services.status.requests.next_run import Codes
from shared.consuming.handling import Outgoing
from shared.contract.codes import FailureCode, http_code
from shared.contract.events import TARGET_HEADER, CsvAccepted
from shared.contract.keys import rows_key, source_key
from shared.contract.targets import TargetKeyring

TENANTS = ("anna", "ben", "cleo")
MOST_PRODUCTS, MOST_URLS = 6, 3
DEADLINE_SECONDS = 86_400.0
COLUMNS = ("S. No.", "Product Name", "Input Image Urls")
RETRIED: tuple[Codes, ...] = (
    frozenset(),
    frozenset({http_code(404)}),
    frozenset({FailureCode.TIMED_OUT, FailureCode.ABANDONED}),
    frozenset({FailureCode.TIMED_OUT}),
)
TARGET = "https://hook.example/pixmill"


@dataclass(slots=True, kw_only=True)
class Upload:
    id: UUID
    tenant: str
    products: list[list[str]]
    has_webhook: bool
    cancelled: bool = False
    deleted: bool = False

    @property
    def urls(self) -> list[str]:
        return [url for product in self.products for url in product]


@dataclass(slots=True)
class People:
    chance: random.Random
    uploads: list[Upload] = field(default_factory=list)

    def new_upload(self) -> Upload:
        chance = self.chance
        # Few hosts to a file, and few images to a host: the same image stands in several rows.
        natures = chance.choices(list(Nature), weights=(6, 3, 2, 1), k=2)
        products = [
            [self._url(natures) for _ in range(chance.randint(1, MOST_URLS))]
            for _ in range(chance.randint(1, MOST_PRODUCTS))
        ]
        upload = Upload(
            id=UUID(int=chance.getrandbits(128), version=4),
            tenant=chance.choice(TENANTS),
            products=products,
            has_webhook=chance.random() < 0.7,
        )
        self.uploads.append(upload)
        return upload

    def _url(self, natures: Sequence[Nature]) -> str:
        return url_of(self.chance.choice(natures), self.chance.randrange(12))

    async def change(self, pool: asyncpg.Pool) -> None:
        """Somebody cancels, tries again, deletes, or wants the webhook again."""
        upload = self.chance.choice(self.uploads)
        wish = self.chance.choices(("cancel", "retry", "delete", "redeliver"), weights=(2, 4, 1, 3))[0]
        match wish:
            case "cancel":
                upload.cancelled |= await changes.cancel(pool, upload.tenant, upload.id) is Verdict.ACCEPTED
            case "retry":
                codes = self.chance.choice(RETRIED)
                await changes.retry_failed(
                    pool, upload.tenant, upload.id, deadline_seconds=DEADLINE_SECONDS, codes=codes
                )
            case "delete":
                verdict = await changes.delete_request(pool, upload.tenant, upload.id)
                upload.deleted |= verdict is Verdict.ACCEPTED
            case _:
                await changes.redeliver(pool, upload.tenant, upload.id)


def accepted(upload: Upload, now: datetime, keyring: TargetKeyring) -> Outgoing:
    event = CsvAccepted(
        request_id=upload.id,
        tenant=upload.tenant,
        created_at=now,
        filename="p.csv",
        source_key=source_key(upload.id),
        source_bytes=1,
        source_sha256="0" * 64,
        rows_key=rows_key(upload.id),
        columns=COLUMNS,
        products=len(upload.products),
        images=len(upload.urls),
        webhook_url=TARGET if upload.has_webhook else None,
    )
    return Outgoing(event, now, {TARGET_HEADER: keyring.seal(TARGET)} if upload.has_webhook else {})

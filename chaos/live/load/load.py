"""Puts together all load of a run: starts it, lets what is under way end, and stops it."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp

from chaos.live.journal import Account, Journal
from chaos.live.load.accounts import LARGE, open_accounts
from chaos.live.load.calls import Calls
from chaos.live.load.files import Files
from chaos.live.load.follower import Follower
from chaos.live.load.hosts import Hosts, open_hosts
from chaos.live.load.receivers import Receivers
from chaos.live.load.shop import Shop
from chaos.live.load.stalled_reader import StalledReader

SHOPS_OF_A_TENANT = 2


class Pixmill(Protocol):
    """What a caller knows of it."""

    @property
    def ingest_urls(self) -> Sequence[str]: ...
    @property
    def status_urls(self) -> Sequence[str]: ...
    @property
    def api_keys(self) -> Mapping[str, str]:
        """By tenant."""


@dataclass(slots=True, kw_only=True)
class Load:
    pixmill: Pixmill
    journal: Journal
    seed: int
    large_products: int  # of the one large file
    hosts: Hosts
    receivers: Receivers
    http: aiohttp.ClientSession
    accounts: Sequence[Account]
    calm: asyncio.Event
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    shops: list[Shop] = field(default_factory=list)
    followers: list[Follower] = field(default_factory=list)

    def begin(self, tasks: asyncio.TaskGroup) -> None:
        """They end by themselves once everybody has calmed down."""
        for account in self.accounts:
            tasks.create_task(self._follower(account).run())
            if account.tenant == LARGE:
                shop = self._shop(account, 0)
                tasks.create_task(shop.send(shop.files.large(self.large_products)))
                continue
            for number in range(SHOPS_OF_A_TENANT):
                tasks.create_task(self._shop(account, number).run())
            tasks.create_task(self._stalled_reader(account).run())

    def _follower(self, account: Account) -> Follower:
        calls = self.calls_of(account, random.Random(f"{self.seed} follower of {account.tenant}"))
        follower = Follower(calls=calls, journal=self.journal, closing=self.closing)
        self.followers.append(follower)
        return follower

    def _stalled_reader(self, account: Account) -> StalledReader:
        return StalledReader(
            status_urls=self.pixmill.status_urls,
            api_key=account.api_key,
            known=lambda: self.accepted_by(account.tenant),
            chance=random.Random(f"{self.seed} reader of {account.tenant}"),
            closing=self.closing,
        )

    def accepted_by(self, tenant: str) -> Sequence[str]:
        return [each for shop in self.shops if shop.files.tenant == tenant for each in shop.accepted]

    def calm_down(self) -> None:
        """Hosts and receivers recover, and nobody begins anything new."""
        self.calm.set()
        self.closing.set()

    def calls_of(self, account: Account, chance: random.Random) -> Calls:
        return Calls(
            http=self.http,
            ingest_urls=self.pixmill.ingest_urls,
            status_urls=self.pixmill.status_urls,
            api_key=account.api_key,
            chance=chance,
        )

    def _shop(self, account: Account, number: int) -> Shop:
        """What it uploads follows from the seed alone, what it does with it also from the answers."""
        name = f"{account.tenant}-{number}"
        shop = Shop(
            calls=self.calls_of(account, random.Random(f"{self.seed} {name} calls")),
            files=Files(self.hosts, account.tenant, name, random.Random(f"{self.seed} {name} files")),
            receivers=self.receivers,
            journal=self.journal,
            chance=random.Random(f"{self.seed} {name}"),
            closing=self.closing,
        )
        self.shops.append(shop)
        return shop


@asynccontextmanager
async def open_load(
    pixmill: Pixmill, journal: Journal, seed: int, *, large_products: int
) -> AsyncIterator[Load]:
    calm = asyncio.Event()
    async with AsyncExitStack() as opened:
        hosts = await opened.enter_async_context(open_hosts(seed, journal, calm))
        receivers = await opened.enter_async_context(Receivers(journal=journal, calm=calm).open())
        connector = aiohttp.TCPConnector(limit=0)
        yield Load(
            pixmill=pixmill,
            journal=journal,
            seed=seed,
            large_products=large_products,
            hosts=hosts,
            receivers=receivers,
            http=await opened.enter_async_context(aiohttp.ClientSession(connector=connector)),
            accounts=await open_accounts(pixmill.ingest_urls[0], pixmill.api_keys, journal),
            calm=calm,
        )

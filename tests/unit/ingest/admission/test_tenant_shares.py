"""Who has a share of the backlog is refused for as long as the status service says so."""

import asyncio

import pytest

from services.ingest.admission import tenant_shares
from services.ingest.admission.tenant_shares import TenantShares
from shared.contract.keys import FULL_TENANTS_KEY
from shared.store import Tampered
from shared.testing.fakes import FakeStore
from shared.web.problems import Problem
from tests.worlds.patience import until


def is_let_in(shares: TenantShares, tenant: str) -> bool:
    try:
        shares.require_share(tenant)
    except Problem:
        return False
    return True


async def test_nobody_is_refused_for_what_cannot_be_read() -> None:
    store = FakeStore()
    shares = TenantShares(store)
    for said in (None, b"not json", b'{"tenants": "a"}'):
        store.objects |= {} if said is None else {FULL_TENANTS_KEY: said}
        await shares.look()
        assert is_let_in(shares, "a")


async def test_a_file_whose_seal_is_broken_refuses_nobody_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def get(_: str) -> bytes:
        raise Tampered("cut")

    store = FakeStore()
    monkeypatch.setattr(store, "get", get)
    shares = TenantShares(store)
    await shares.look()
    assert is_let_in(shares, "a")


async def test_it_looks_until_it_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_shares, "LOOK_EVERY_SECONDS", 0.01)
    store, stopping = FakeStore(), asyncio.Event()
    shares = TenantShares(store)
    watching = asyncio.create_task(shares.watch(stopping))
    store.objects[FULL_TENANTS_KEY] = b'{"tenants": ["a"]}'
    await until(lambda: not is_let_in(shares, "a"))
    assert is_let_in(shares, "b")
    store.away = True
    await until(lambda: is_let_in(shares, "a"))
    stopping.set()
    await watching

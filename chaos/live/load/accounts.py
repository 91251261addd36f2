"""The tenants of a run, each with an API key of its own."""

from collections.abc import Mapping, Sequence

import aiohttp

from chaos.live.journal import Account, Journal

SMALL_TENANTS, LARGE = ("anna", "ben", "cleo"), "large"
TENANTS = (*SMALL_TENANTS, LARGE)


async def open_accounts(ingest_url: str, api_keys: Mapping[str, str], journal: Journal) -> Sequence[Account]:
    """Each asks for the secret by which it knows that a webhook is genuine."""
    async with aiohttp.ClientSession(ingest_url, raise_for_status=True) as http:
        accounts = [await _account(http, tenant, key) for tenant, key in api_keys.items()]
    for account in accounts:
        journal.add(account)
    return accounts


async def _account(http: aiohttp.ClientSession, tenant: str, key: str) -> Account:
    async with http.get("/v1/webhooks/secret", headers={"X-API-Key": key}) as answer:
        secret = (await answer.json())["secret"]
    return Account(tenant=tenant, api_key=key, webhook_secret=secret)

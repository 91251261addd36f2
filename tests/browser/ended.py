"""Requests that were sent without the page, seen on it once they have ended."""

from playwright.async_api import Page

from tests.browser.files import csv_of
from tests.system.client import Client
from tests.system.origin import Origin


async def ended(client: Client, text: str, **fields: str) -> str:
    """The request's id."""
    request_id: str = (await client.upload(text, **fields)).body["request_id"]
    await client.until_ended(request_id)
    return request_id


async def open_ended(page: Page, client: Client, text: str, **fields: str) -> str:
    request_id = await ended(client, text, **fields)
    await page.goto(f"/#/requests/{request_id}")
    return request_id


def one_of_two_fails(origin: Origin) -> str:
    return csv_of(f"1,Teapot,{origin.base}/1.jpg", f"2,Lamp,{origin.base}/missing.jpg")

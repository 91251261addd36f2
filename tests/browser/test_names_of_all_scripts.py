"""R27: names that are written from right to left, alone and among others, and names of both kinds at once."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.files import card, choose, csv_file, csv_of, id_shown
from tests.system.client import Client
from tests.system.origin import Origin

pytestmark = pytest.mark.asyncio(loop_scope="session")

ARABIC, HEBREW = "مزهرية", "קטלוג"
# How far to the right each of these parts of a text begins.
PLACES = """(element, parts) => {
    const text = element.firstChild;
    return parts.map((part) => {
        const range = document.createRange();
        const at = text.data.indexOf(part);
        range.setStart(text, at);
        range.setEnd(text, at + part.length);
        return range.getBoundingClientRect().left;
    });
}"""


async def places(name: Locator, *parts: str) -> list[float]:
    found: list[float] = await name.evaluate(PLACES, list(parts))
    return found


async def test_a_name_runs_its_own_way_and_moves_nothing_beside_it(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27"""
    name = f"{HEBREW} 2026.csv"
    await page.goto("/")
    await choose(page, csv_file(csv_of(f"1,{ARABIC} (A),{origin.base}/{ARABIC}.jpg"), name))
    shown = card(page, name)
    heading = shown.get_by_role("heading").locator("bdi")
    word, year = await places(heading, HEBREW, "2026")
    assert year < word  # it begins at the right
    cell = shown.get_by_role("cell", name=ARABIC).first.locator("bdi")
    product, variant = await places(cell, ARABIC, "(A)")
    assert variant < product
    await shown.get_by_role("button", name="Send 1 image").click()
    await client.until_ended(await id_shown(page))
    await expect(page.locator(".ended")).to_be_visible()
    title = page.get_by_role("heading", level=1)
    await expect(title).to_have_text(name)
    beside, heads = await page.locator("h1 + .pill").bounding_box(), await title.bounding_box()
    assert beside is not None
    assert heads is not None
    assert heads["x"] + heads["width"] <= beside["x"]
    await expect(page.locator(".tile-name")).to_have_text(f"{ARABIC}.jpg")
    word, ending = await places(page.locator(".tile-name"), ARABIC, "jpg")
    assert ending < word


async def test_a_name_cannot_turn_what_follows_it_around(page: Page, origin: Origin) -> None:
    """R20: `\\u202e` makes `gpj.exe` of `exe.jpg`, in its own name only."""
    name = "\u202eexe.csv"
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1), name))
    size = page.locator(".file-head .number")
    first, last = await places(size, (await size.inner_text())[0], (await size.inner_text())[-1])
    assert first < last

"""R27: the page for everyone: axe finds nothing, a phone shows all of it, keys alone are enough."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.chromium import PATIENCE_MILLISECONDS
from tests.browser.files import choose, choose_on_disk, csv_file, csv_of, id_shown
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.deployment.deployed import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE = ROOT / "tools" / "node" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = ({"width": 360, "height": 740}, {"width": 1280, "height": 860})
OTHERS = ("c.csv", "d.csv")
LOOKS = [(size, scheme) for size in SIZES for scheme in ("light", "dark")]


async def findings(page: Page) -> list[str]:
    await page.evaluate(await asyncio.to_thread(AXE.read_text))
    # What it tells of each node that passes takes it far longer than to find those that do not.
    told: dict[str, Any] = await page.evaluate("axe.run({resultTypes: ['violations']})")
    return [f"{each['id']}: {node['html'][:200]}" for each in told["violations"] for node in each["nodes"]]


async def fits(page: Page) -> bool:
    whole: bool = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return whole


@pytest.mark.parametrize("look", LOOKS, ids=["phone-light", "phone-dark", "desk-light", "desk-dark"])
async def test_every_view_is_fit_for_all(
    browser: Browser, address: str, origin: Origin, client: Client, look: tuple[Any, Any]
) -> None:
    """R27: each view in both colours and on both sizes."""
    size, scheme = look
    window = await browser.new_context(base_url=address, viewport=size, color_scheme=scheme)
    window.set_default_timeout(PATIENCE_MILLISECONDS)
    page = await window.new_page()
    rows = (f"1,Teapot,{origin.base}/1.jpg", f"2,كوب,{origin.base}/missing.jpg", "x,Lamp,htp://x")
    await page.goto("/")
    await expect(page.get_by_role("button", name="Choose files")).to_be_visible()
    assert (await findings(page), await fits(page)) == ([], True)
    await choose(page, csv_file(csv_of(*rows)))
    await expect(page.get_by_text("1 row is wrong")).to_be_visible()
    assert (await findings(page), await fits(page)) == ([], True)
    await page.get_by_role("button", name="Send the 2 good rows only").click()
    await client.until_ended(await id_shown(page))
    await expect(page.locator(".ended")).to_be_visible()
    await expect(page.locator("button.tile")).to_have_count(1)
    assert (await findings(page), await fits(page)) == ([], True)
    await page.locator("button.tile").click()
    assert (await findings(page), await fits(page)) == ([], True)
    await page.goto("/#/requests")
    await expect(page.locator(".requests > li").first).to_be_visible()
    assert (await findings(page), await fits(page)) == ([], True)
    await window.close()


@pytest.mark.parametrize("look", LOOKS, ids=["phone-light", "phone-dark", "desk-light", "desk-dark"])
async def test_what_is_not_plain_sailing_is_fit_for_all_too(
    browser: Browser, address: str, origin: Origin, look: tuple[Any, Any], tmp_path: Path
) -> None:
    """R27: a file that is none, columns to be said, a run with pictures, two causes, a file sent before."""
    size, scheme = look
    window = await browser.new_context(base_url=address, viewport=size, color_scheme=scheme)
    window.set_default_timeout(PATIENCE_MILLISECONDS)
    page = await window.new_page()
    names = ("1.jpg", "missing.jpg", "text", "2.jpg")
    file = tmp_path / "some.csv"
    file.write_text(csv_of(*(f"{number},Vase,{origin.base}/{name}" for number, name in enumerate(names))))
    await page.goto("/")
    others = [csv_file(csv_of("1,Vase,htp://x", f"2,Vase,{origin.base}/2?x"), name) for name in OTHERS]
    await choose(
        page, csv_file("%PDF-1.7", "a.pdf"), csv_file(f"Was,Wo\nVase,{origin.base}/1?x\n", "b.csv"), *others
    )
    await expect(page.get_by_role("button", name="Choose another file")).to_have_count(2)
    await expect(page.get_by_role("region", name="The first rows")).to_have_count(2)
    await expect(page.get_by_role("button", name="Read it so")).to_be_visible()
    assert (await findings(page), await fits(page)) == ([], True)
    for name in ("a.pdf", "b.csv", *OTHERS):
        await page.get_by_role("button", name=f"Take it out: {name}").click()
    origin.hold(after=3)
    await choose_on_disk(page, file)
    await page.get_by_role("button", name="Send 4 images").click()
    await expect(page.locator(".latest button.tile").first).to_be_visible()
    assert (await findings(page), await fits(page)) == ([], True)
    origin.release()
    await expect(page.get_by_role("button", name="Try these again")).to_have_count(2)
    assert (await findings(page), await fits(page)) == ([], True)
    await page.goto("/#/")
    await choose_on_disk(page, file)
    await expect(page.get_by_text("This file was sent before")).to_be_visible()
    assert (await findings(page), await fits(page)) == ([], True)
    await window.close()


@pytest.mark.parametrize("address_within", ["/docs", "/failures/http_404", "/problems/too-large"])
async def test_what_explains_is_fit_for_all_as_well(page: Page, address_within: str) -> None:
    """R27"""
    await page.goto(address_within)
    assert (await findings(page), await fits(page)) == ([], True)
    await page.set_viewport_size({"width": 360, "height": 740})
    assert (await findings(page), await fits(page)) == ([], True)


async def test_far_down_a_page_it_is_seen_too_that_the_network_is_gone(
    browser: Browser, address: str, origin: Origin
) -> None:
    """R27"""
    window = await browser.new_context(base_url=address, viewport={"width": 360, "height": 480})
    window.set_default_timeout(PATIENCE_MILLISECONDS)
    page = await window.new_page()
    origin.hold(after=6)
    await page.goto("/")
    await choose(page, csv_file(origin.csv(7)))
    await page.get_by_role("button", name="Send 7 images").click()
    tiles = page.locator(".latest button.tile")
    await expect(tiles).to_have_count(6)
    await tiles.last.scroll_into_view_if_needed()
    await expect(page.get_by_role("banner")).not_to_be_in_viewport()
    await window.set_offline(offline=True)
    told = page.get_by_role("region", name="Connection")
    await expect(told).to_contain_text("You are offline.")
    await expect(told).to_be_in_viewport()
    assert (await findings(page), await fits(page)) == ([], True)
    origin.release()
    await window.close()


@pytest.mark.parametrize(("wish", "moves"), [("no-preference", True), ("reduce", False)])
async def test_nothing_moves_for_who_wishes_that(page: Page, wish: Any, *, moves: bool) -> None:
    """R27"""
    await page.emulate_media(reduced_motion=wish)
    await page.goto("/")
    button = page.get_by_role("button", name="Choose files")
    duration = await button.evaluate("(button) => getComputedStyle(button).transitionDuration")
    assert (duration != "0s") == moves


async def test_how_far_a_request_is_can_be_seen_in_forced_colours(page: Page, origin: Origin) -> None:
    """R27"""
    await page.emulate_media(forced_colors="active")
    origin.hold(after=1)
    await page.goto("/")
    await choose(page, csv_file(origin.csv(2)))
    await page.get_by_role("button", name="Send 2 images").click()
    bar = page.get_by_role("progressbar", name="Progress")
    await expect(bar).to_have_attribute("aria-valuenow", "50")
    colour = "(shown) => getComputedStyle(shown).backgroundColor"
    assert await bar.locator("span").evaluate(colour) != await bar.evaluate(colour)
    origin.release()
    await expect(page.locator(".ended")).to_be_visible()


async def test_without_javascript_the_page_leads_to_the_api(browser: Browser, address: str) -> None:
    async with await browser.new_context(base_url=address, java_script_enabled=False) as window:
        page = await window.new_page()
        await page.goto("/")
        await page.get_by_role("link", name="the API").click()
        await page.wait_for_url("**/docs")


async def test_whoever_sends_a_file_by_keys_can_stop_it_by_keys(page: Page, origin: Origin) -> None:
    is_answered = asyncio.Event()

    async def late(route: Route) -> None:
        await is_answered.wait()
        await route.continue_()

    await page.route("**/v1/requests", late)
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1)))
    await page.get_by_role("button", name="Send 1 image").press("Enter")
    await expect(page.get_by_role("button", name="Stop")).to_be_focused()
    is_answered.set()
    await id_shown(page)


async def test_keys_alone_lead_from_a_file_to_its_pictures(
    page: Page, origin: Origin, client: Client
) -> None:
    await page.goto("/")
    await page.get_by_role("button", name="Paste rows").press("Enter")
    await page.keyboard.insert_text(origin.csv(1))
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Send 1 image").press("Enter")
    await client.until_ended(await id_shown(page))
    await expect(page.locator(".ended")).to_be_visible()
    await page.locator("button.tile").press("Enter")
    await expect(page.get_by_role("slider")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("button.tile")).to_be_focused()

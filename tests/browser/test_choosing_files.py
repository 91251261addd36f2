"""R27: files and rows come to the page: chosen, dropped, pasted, a folder of them, too many of them."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.clock import stop_the_clock
from tests.browser.files import card, choose, csv_file, drop, id_shown, paste
from tests.system.client import Client
from tests.system.origin import Origin

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOST_FILES = 100
MOVES_OF_THE_FIRST = """() => {
    const first = document.querySelector("article");
    window.moves = 0;
    new MutationObserver((changes) => {
        for (const { removedNodes } of changes) window.moves += [...removedNodes].includes(first);
    }).observe(first.parentNode, { childList: true });
}"""


async def test_a_bare_list_of_addresses_is_pasted_and_sent(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R01"""
    await page.goto("/")
    await paste(page, f"{origin.base}/1.jpg\r\n\r\n{origin.base}/2,3.jpg\r\n")
    await expect(card(page, "pasted.csv").get_by_text("2 products, 2 images")).to_be_visible()
    await page.get_by_role("button", name="Send 2 images").click()
    request = await client.until_ended(await id_shown(page))
    assert request["counts"]["done"] == 2


async def test_files_are_dropped_and_rows_are_pasted(page: Page, origin: Origin) -> None:
    await page.goto("/")
    await drop(page, origin.csv(2), "dropped.csv")
    await expect(card(page, "dropped.csv").get_by_text("2 products, 2 images")).to_be_visible()
    await paste(page, f"S. No.\tProduct Name\tInput Image Urls\n1\tTeapot\t{origin.base}/1.jpg\n")
    pasted = card(page, "pasted.csv")
    await expect(pasted.get_by_text("1 product, 1 image")).to_be_visible()
    await page.get_by_role("button", name="Paste rows").click()
    await page.get_by_label("Rows of a CSV or a spreadsheet").fill(origin.csv(3))
    await page.get_by_role("button", name="Use these rows").click()
    await expect(page.get_by_text("3 products, 3 images", exact=True)).to_be_visible()
    await expect(page.get_by_role("article")).to_have_count(3)


async def test_a_file_that_is_dropped_on_another_view_is_taken(page: Page, origin: Origin) -> None:
    await page.goto("/#/requests")
    await expect(page.get_by_role("heading", name="Requests", exact=True)).to_be_visible()
    await drop(page, origin.csv(2), "dropped.csv")
    await expect(card(page, "dropped.csv").get_by_text("2 products, 2 images")).to_be_visible()


async def test_rows_that_were_copied_from_excel_are_rows(page: Page, origin: Origin) -> None:
    await page.goto("/")
    await paste(page, origin.csv(2), with_picture=True)
    await expect(card(page, "pasted.csv").get_by_text("2 products, 2 images")).to_be_visible()
    await expect(page.get_by_role("article")).to_have_count(1)


async def test_rows_that_were_typed_are_still_there_after_a_look_at_the_list(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("button", name="Paste rows").click()
    rows = page.get_by_label("Rows of a CSV or a spreadsheet")
    await rows.fill("half a row")
    await page.get_by_role("link", name="Requests", exact=True).click()
    await expect(page.get_by_role("heading", name="Requests", exact=True)).to_be_visible()
    await page.get_by_role("link", name="New", exact=True).click()
    await expect(rows).to_have_value("half a row")


async def test_a_folder_is_one_request_for_each_of_its_files(
    page: Page, origin: Origin, client: Client, tmp_path: Path
) -> None:
    """R27 R01"""
    for number in (1, 2, 3):
        (tmp_path / "spring" / str(number)).mkdir(parents=True)
        (tmp_path / "spring" / str(number) / f"part-{number}.csv").write_text(origin.csv(number))
    for hidden in ("notes.pdf", "._part-1.csv", "~$part-1.xlsx"):
        (tmp_path / "spring" / hidden).write_bytes(b"\0")
    await page.goto("/")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose a folder").click()
    await (await chooser.value).set_files(tmp_path / "spring")
    await expect(page.get_by_role("article")).to_have_count(3)
    await page.get_by_role("button", name="Send all 3 files").click()
    for number in (1, 2, 3):
        link = card(page, f"part-{number}.csv").get_by_role("link", name="See how far it is")
        address = await link.get_attribute("href")
        assert address is not None
        request = await client.until_ended(address.rpartition("/")[2])
        assert (request["filename"], request["counts"]["done"]) == (f"part-{number}.csv", number)


async def test_files_beyond_a_hundred_are_told_and_those_that_were_sent_make_room(
    page: Page, origin: Origin, client: Client
) -> None:
    files = [csv_file(origin.csv(1), f"{number}.csv") for number in range(MOST_FILES + 1)]
    await stop_the_clock(page)
    await page.goto("/")
    await choose(page, *files)
    await expect(page.get_by_text("the rest was left out")).to_be_visible()
    await expect(page.get_by_role("article")).to_have_count(MOST_FILES)
    await card(page, "0.csv").get_by_role("button", name="Send 1 image").click()
    link = card(page, "0.csv").get_by_role("link", name="See how far it is")
    request_id = (await link.get_attribute("href") or "").rpartition("/")[2]
    await choose(page, files[-1])
    await expect(card(page, files[-1]["name"])).to_be_visible()
    await client.until_ended(request_id)


async def test_a_folder_in_which_nothing_can_be_read_is_told(page: Page, tmp_path: Path) -> None:
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    await stop_the_clock(page)
    await page.goto("/")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose a folder").click()
    await (await chooser.value).set_files(tmp_path)
    await expect(page.get_by_text("There is no CSV and no workbook in it.")).to_be_visible()


async def test_of_a_dropped_folder_what_cannot_be_read_is_told_and_the_rest_is_taken(
    page: Page, origin: Origin
) -> None:
    """R27: by one file that the system keeps from the browser nothing of a folder came, without a word."""
    await stop_the_clock(page)
    await page.goto("/")
    await page.evaluate(
        """(text) => {
            const file = (name, read) => ({ isFile: true, name, file: read });
            const refused = (_, reject) => reject(new DOMException("no right", "NotReadableError"));
            const folder = (readEntries) => ({ isDirectory: true, createReader: () => ({ readEntries }) });
            const readable = (take) => take(new File([text], "spring.csv"));
            const told = [[file("locked.csv", refused), file("spring.csv", readable)], []];
            const open = folder((take) => take(told.shift()));
            const items = [folder(refused), open].map((entry) => ({ webkitGetAsEntry: () => entry }));
            const event = new DragEvent("drop", { bubbles: true, cancelable: true });
            Object.defineProperty(event, "dataTransfer", { value: { types: ["Files"], items, files: [] } });
            document.querySelector(".drop").dispatchEvent(event);
        }""",
        origin.csv(1),
    )
    await expect(card(page, "spring.csv")).to_be_visible()
    await expect(page.get_by_role("article")).to_have_count(1)
    await expect(page.get_by_text("could not read 2 of what lies in it")).to_be_visible()


async def test_a_file_that_comes_or_goes_moves_no_other(page: Page, origin: Origin) -> None:
    """R27: who listens would hear again of each what was refused of it."""
    await page.goto("/")
    await choose(page, csv_file("", "empty.csv"))
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.evaluate(MOVES_OF_THE_FIRST)
    await choose(page, csv_file(origin.csv(1), "good.csv"))
    await expect(card(page, "good.csv").get_by_text("1 product, 1 image")).to_be_visible()
    await page.get_by_role("button", name="Take it out: good.csv").click()
    await expect(page.get_by_role("article")).to_have_count(1)
    assert await page.evaluate("window.moves") == 0

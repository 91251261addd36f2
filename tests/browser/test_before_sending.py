"""R27: a CSV comes in, and the page shows what was understood of it, what is wrong, and how to go on."""

import asyncio
import csv
import io

import pytest
from playwright.async_api import BrowserContext, FilePayload, Page, expect

from tests.browser.files import HEADER, card, choose, csv_file, csv_of, id_shown
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.files.workbooks import PRODUCTS, xlsx
from tests.worlds.hosts.origin_server import JPEG

pytestmark = pytest.mark.asyncio(loop_scope="session")

BAD_ROWS = 1_000
LISTED_AT_FIRST, LISTED_MORE = 8, 50
TOP = "(element) => element.getBoundingClientRect().top"


async def test_who_leaves_with_a_file_that_is_not_sent_is_asked(page: Page, origin: Origin) -> None:
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1), "kept.csv"), csv_file("no list", "refused.csv"))
    await expect(page.get_by_role("button", name="Send 1 image")).to_be_visible()
    async with page.expect_event("dialog") as asking:
        await page.evaluate("setTimeout(() => location.reload())")
    question = await asking.value
    assert question.type == "beforeunload"
    await question.dismiss()
    await page.get_by_role("button", name="Take it out: kept.csv").click()
    await expect(card(page, "refused.csv").get_by_role("alert")).to_be_visible()
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    await page.reload()
    assert asked == []


async def test_on_a_phone_the_options_come_before_the_files_and_are_folded(
    page: Page, origin: Origin
) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1)))
    send, quality = (
        page.get_by_role("button", name="Send 1 image"),
        page.get_by_role("slider", name="Quality"),
    )
    await expect(send).to_be_in_viewport()
    await expect(quality).to_be_hidden()
    title = page.get_by_role("heading", name="How the pictures are made")
    await expect(title).to_be_in_viewport()
    await title.click()
    await expect(quality).to_be_in_viewport()
    await page.set_viewport_size({"width": 1280, "height": 860})
    for each in (send, quality):
        await expect(each).to_be_in_viewport()


async def test_a_file_waits_for_the_network_and_says_so(
    window: BrowserContext, page: Page, origin: Origin
) -> None:
    await page.goto("/")
    await window.set_offline(True)
    await choose(page, csv_file(origin.csv(1)))
    status = page.get_by_role("article").get_by_role("status")
    await expect(status).to_have_text("You are offline. It is tried again by itself.")
    await window.set_offline(False)
    await expect(page.get_by_role("button", name="Send 1 image")).to_be_visible()


async def test_what_was_understood_is_shown_and_pictures_only_on_wish(page: Page, origin: Origin) -> None:
    """R27 R03"""
    urls = f"{origin.base}/1.jpg,{origin.base}/2.jpg"
    text = f'Artikel;S. No.;Product Name;Input Image Urls\nA1;1;Kännchen;"{urls}"\n'
    await page.goto("/")
    await choose(page, csv_file(text, "frühling.csv"))
    shown = card(page, "frühling.csv")
    await expect(shown.get_by_text("1 product, 2 images")).to_be_visible()
    await shown.get_by_text("How the file was read").click()
    for fact in ("semicolon", "utf-8", "Product Name", "Artikel"):
        await expect(shown.locator(".facts")).to_contain_text(fact)
    rows = shown.get_by_role("table").get_by_role("row")
    await expect(rows).to_have_count(2)
    await expect(rows.nth(1)).to_contain_text("Kännchen")
    assert origin.fetched == {}
    await shown.get_by_role("button", name="Show pictures").click()
    for nth in (1, 2):
        picture = shown.get_by_role("img", name=f"Row 2, picture {nth}")
        await expect(picture).to_have_js_property("naturalWidth", 160)
    assert set(origin.fetched) == {"1.jpg", "2.jpg"}


async def test_each_mistake_stands_beside_its_cell_with_what_helps(page: Page, origin: Origin) -> None:
    """R27 R03"""
    good = f"1,Teapot,{origin.base}/1.jpg"
    await page.goto("/")
    await choose(page, csv_file(csv_of(good, "2,Lamp,htp://x.example/a.jpg", f",Mug,{origin.base}/3.jpg")))
    shown = card(page, "products.csv")
    await expect(shown.get_by_text("2 rows are wrong")).to_be_visible()
    mistakes = shown.get_by_role("region", name="2 mistakes").get_by_role("row")
    await expect(mistakes.nth(1)).to_contain_text("3")
    await expect(mistakes.nth(1)).to_contain_text("Input Image Urls")
    await expect(mistakes.nth(1)).to_contain_text("htp://x.example/a.jpg")
    await expect(mistakes.nth(1)).to_contain_text("The beginning is misspelt; write https://x.example/a.jpg.")
    wrong = shown.get_by_role("region", name="The first rows").locator("td.wrong")
    await expect(wrong).to_have_text(
        ["htp://x.example/a.jpgThis is no http or https address.", "The serial number is missing."]
    )


@pytest.mark.parametrize("width", [320, 360, 600])
async def test_on_a_phone_what_helps_stands_below_each_mistake(page: Page, width: int) -> None:
    """R27: it stood beside it, out of sight."""
    await page.set_viewport_size({"width": width, "height": 740})
    await page.goto("/")
    await choose(page, csv_file(csv_of(f"x,Lamp,htp://shop.example/{'long-' * 20}lamp.jpg")))
    mistakes = page.get_by_role("region", name="2 mistakes: products.csv")
    helps = mistakes.get_by_role("cell", name="This is no whole number.")
    await expect(helps).to_be_visible()
    assert await mistakes.evaluate("(place) => place.scrollWidth <= place.clientWidth")
    value = mistakes.get_by_role("cell", name="x", exact=True)
    assert await helps.evaluate(TOP) > await value.evaluate(TOP)


async def test_the_marked_file_comes_down_and_the_good_rows_go_out(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R03"""
    await page.goto("/")
    rows = (f"1,Teapot,{origin.base}/1.jpg", "two,Lamp,https://x.example/a.jpg")
    await choose(page, csv_file(csv_of(*rows), "mixed.csv"))
    shown = card(page, "mixed.csv")
    async with page.expect_download() as saving:
        await shown.get_by_role("button", name="Download with every mistake marked").click()
    saved = await saving.value
    assert saved.suggested_filename == "errors-mixed.csv"
    file = await saved.path()
    marked = list(csv.reader(io.StringIO(await asyncio.to_thread(file.read_text))))
    assert marked[0][-2:] == ["Error", "Suggestion"]
    assert [bool(row[-2]) for row in marked[1:]] == [False, True]
    await shown.get_by_role("button", name="Send the 1 good row only").click()
    request = await client.until_ended(await id_shown(page))
    assert (request["counts"]["products"], request["counts"]["done"]) == (1, 1)


async def test_the_marked_file_comes_however_long_it_takes(page: Page, origin: Origin) -> None:
    await page.goto("/")
    await choose(page, csv_file(csv_of(f"1,Teapot,{origin.base}/1.jpg", "two,Lamp,https://x.example/a.jpg")))
    button = page.get_by_role("button", name="Download with every mistake marked")
    await expect(button).to_be_visible()
    await page.evaluate("AbortSignal.timeout = () => AbortSignal.abort()")  # whatever had an end has met it
    async with page.expect_download():
        await button.click()


async def test_a_file_in_which_nothing_is_good_is_refused_with_the_reason(page: Page) -> None:
    await page.goto("/")
    await choose(page, csv_file("Name,Colour\nTeapot,blue\n", "colours.csv"))
    shown = card(page, "colours.csv")
    await expect(shown.get_by_role("alert")).to_contain_text("column")
    await expect(shown.get_by_role("button", name="Download with every mistake marked")).to_have_count(0)
    await shown.get_by_role("button", name="Take it out: colours.csv").click()
    await expect(shown).to_have_count(0)


async def test_in_place_of_a_file_that_is_no_list_of_products_another_is_chosen(
    page: Page, origin: Origin
) -> None:
    await page.goto("/")
    await choose(
        page, FilePayload(name="offer.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\n%\xe2\xe3")
    )
    shown = card(page, "offer.pdf")
    await expect(shown.get_by_role("alert")).to_contain_text("PDF")
    await expect(shown.get_by_role("button", name="Try again")).to_have_count(0)
    await choose(page, csv_file(origin.csv(1), "offer.csv"), button="Choose another file")
    await expect(card(page, "offer.csv").get_by_text("1 product, 1 image")).to_be_visible()
    await expect(shown).to_have_count(0)


@pytest.mark.parametrize(
    ("limit", "helps"), [("rows", True), ("size as a CSV", True), ("lines in a row", False)]
)
async def test_of_a_file_beyond_a_limit_it_is_told_when_parts_of_it_are_taken(
    page: Page, origin: Origin, limit: str, *, helps: bool
) -> None:
    beyond = {"type": "/problems/too-large", "status": 413, "error": "Too much.", "limit": limit}
    await page.route("**/v1/validate", lambda route: route.fulfill(status=413, json=beyond))
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1), "large.csv"))
    alert = card(page, "large.csv").get_by_role("alert")
    await expect(alert).to_contain_text("Too much.")
    await expect(alert.get_by_text("Split it into several files")).to_have_count(int(helps))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("setup.csv", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00", "program"),
        ("nothing.csv", b"", "empty"),
        ("header-only.csv", f"{HEADER}\n".encode(), "row"),
        ("photo.jpg", JPEG, "image"),
    ],
)
async def test_a_file_of_another_kind_is_refused_in_words(
    page: Page, name: str, content: bytes, told: str
) -> None:
    """R27 R03"""
    await page.goto("/")
    await choose(page, FilePayload(name=name, mimeType="text/csv", buffer=content))
    await expect(card(page, name).get_by_role("alert")).to_contain_text(told)
    await expect(page.get_by_role("button", name="Choose another file")).to_be_visible()


async def test_columns_whose_names_do_not_tell_are_said_and_the_file_is_read_so(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R03"""
    rows = f"7,Vase,{origin.base}/1\n8,Mug,{origin.base}/2\n"
    await page.goto("/")
    await choose(page, csv_file(f"Lfd,Was,<b>Wo</b>\n{rows}", "odd.csv"))
    shown = card(page, "odd.csv")
    await shown.get_by_label("Serial number").select_option("Lfd")
    await shown.get_by_label("Product name").select_option("Was")
    await expect(shown.get_by_role("button", name="Read it so")).to_be_disabled()
    await shown.get_by_role("checkbox", name="<b>Wo</b>").check()
    await shown.get_by_role("button", name="Read it so").click()
    await expect(shown.get_by_text("2 products, 2 images")).to_be_visible()
    await shown.get_by_role("button", name="Send 2 images").click()
    request = await client.until_ended(await id_shown(page))
    assert request["counts"]["done"] == 2


async def test_the_rows_of_a_workbook_are_shown_before_it_is_sent(page: Page) -> None:
    """R27 R03"""
    rows = (*PRODUCTS, ("x", "Jug", "https://shop.example/4.jpg"))
    await page.goto("/")
    await choose(page, FilePayload(name="spring.xlsx", mimeType="application/zip", buffer=xlsx(rows)))
    table = card(page, "spring.xlsx").get_by_role("region", name="The first rows").get_by_role("row")
    await expect(table).to_have_count(len(rows))  # the header is one of them
    await expect(table.nth(1)).to_contain_text("Mug")
    await expect(table.nth(3).locator("td.wrong")).to_have_text("xThis is no whole number.")


async def test_a_thousand_mistakes_are_shown_a_few_at_a_time(page: Page, origin: Origin) -> None:
    bad = [f"{number},Lamp,nowhere{number}" for number in range(2, BAD_ROWS + 2)]
    await page.goto("/")
    await choose(page, csv_file(csv_of(f"1,Teapot,{origin.base}/1.jpg", *bad)))
    shown = card(page, "products.csv")
    await expect(shown.get_by_text("1,000 rows are wrong")).to_be_visible()
    mistakes = shown.get_by_role("region", name="1,000 mistakes").locator("tbody tr")
    await expect(mistakes).to_have_count(LISTED_AT_FIRST)
    await shown.get_by_role("button", name=f"Show {LISTED_MORE} more").click()
    await expect(mistakes).to_have_count(LISTED_AT_FIRST + LISTED_MORE)
    await expect(shown.get_by_text("58 of 1,000 shown")).to_be_visible()
    await expect(shown.get_by_role("button", name="Send the 1 good row only")).to_be_enabled()


async def test_how_pictures_are_made_is_chosen_once_and_used(
    page: Page, origin: Origin, client: Client
) -> None:
    """R27 R06"""
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1)))
    await page.get_by_label("Quality").fill("20")
    await expect(page.get_by_text("Very small files.")).to_be_visible()
    await page.get_by_label("Format").select_option(label="WebP")
    await page.get_by_label("When", exact=True).select_option(label="Before my other files")
    await page.reload()
    await choose(page, csv_file(origin.csv(1)))
    await expect(page.get_by_label("Quality")).to_have_value("20")
    await page.get_by_role("button", name="Send 1 image").click()
    request = await client.until_ended(await id_shown(page))
    images = (await client.ask("GET", f"/v1/requests/{request['request_id']}/images")).body["items"]
    assert (request["priority"], images[0]["format"]) == ("high", "webp")


async def test_what_is_chosen_in_another_tab_is_not_for_this_one(
    window: BrowserContext, page: Page, origin: Origin, client: Client
) -> None:
    await page.goto("/")
    await choose(page, csv_file(origin.csv(1)))
    await expect(page.get_by_label("Format")).to_have_value("keep")
    other = await window.new_page()
    await other.goto("/")
    await choose(other, csv_file(origin.csv(1)))
    await other.get_by_label("Format").select_option(label="WebP")
    await page.get_by_role("button", name="Send 1 image").click()
    request = await client.until_ended(await id_shown(page))
    images = (await client.ask("GET", f"/v1/requests/{request['request_id']}/images")).body["items"]
    assert images[0]["format"] == "jpeg"


async def test_markup_in_a_file_is_text(page: Page, origin: Origin) -> None:
    """R27 R20"""
    mark = "<img src=x onerror=document.title='run'>"
    rows = f'1,"{mark}",{origin.base}/1.jpg,"{mark}"\n2,Lamp,"{mark}",\n'
    text = f"S. No.,Product Name,Input Image Urls,{mark}\n{rows}"
    await page.goto("/")
    await choose(page, csv_file(text, f"{mark}.csv".replace("/", "")))
    await expect(page.get_by_role("heading", name=f"{mark}.csv")).to_be_visible()
    await page.get_by_text("How the file was read").click()
    assert await page.get_by_role("cell", name=mark).count() >= 3
    assert await page.locator("main img").count() == 0
    assert await page.title() == "Pixmill"

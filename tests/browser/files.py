"""Files as people bring them to the page, and the ways in which they do."""

from pathlib import Path

from playwright.async_api import FilePayload, Locator, Page

HEADER = "S. No.,Product Name,Input Image Urls"


def csv_file(text: str, name: str = "products.csv") -> FilePayload:
    return FilePayload(name=name, mimeType="text/csv", buffer=text.encode())


def csv_of(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


async def choose(page: Page, *files: FilePayload, button: str = "Choose files") -> None:
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name=button).click()
    await (await chooser.value).set_files(list(files))


async def choose_on_disk(page: Page, file: Path) -> None:
    """It keeps the time at which it was changed last."""
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose files").click()
    await (await chooser.value).set_files(file)


async def drop(page: Page, text: str, name: str) -> None:
    """As the browser tells of files that were dragged from another window."""
    await page.evaluate(
        """([text, name]) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([text], name, { type: "text/csv" }));
            const told = { dataTransfer, bubbles: true, cancelable: true };
            const place = document.querySelector(".drop, h1");
            place.dispatchEvent(new DragEvent("dragover", told));
            place.dispatchEvent(new DragEvent("drop", told));
        }""",
        [text, name],
    )


async def paste(page: Page, text: str, *, with_picture: bool = False) -> None:
    """As the browser tells of rows that were copied from a spreadsheet; Excel adds a picture of them."""
    await page.evaluate(
        """([text, withPicture]) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            const picture = new File(["\\x89PNG"], "image.png", { type: "image/png" });
            if (withPicture) clipboardData.items.add(picture);
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        }""",
        [text, with_picture],
    )


def card(page: Page, name: str) -> Locator:
    """What is shown of one file on its way."""
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=name, exact=True))


async def id_shown(page: Page) -> str:
    """The request that is shown, once one is."""
    await page.wait_for_url("**/#/requests/*")
    return page.url.rpartition("/")[2]

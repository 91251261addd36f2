"""The page's clock, for what it shows for some seconds only."""

from datetime import UTC, datetime, timedelta

from playwright.async_api import Page


async def stop_the_clock(page: Page) -> None:
    """What is shown or can be taken back for some seconds is so for as long as the test takes."""
    await page.clock.install()
    await page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))

"""Which characters may stand in the host of a URL: an image's may hold a few more than a webhook's."""

from string import ascii_letters, digits, punctuation

import pytest

from services.ingest.csv_file.image_urls.cell import url_fault
from services.ingest.form.webhook_url import webhook_fault

PRINTABLE = frozenset(f" {ascii_letters}{digits}{punctuation}")
OF_NAMES = f"{ascii_letters}{digits}-._"
ENDS_THE_HOST = "/?#"
ENDS_THE_USER = "@"


@pytest.mark.parametrize("before", ["", "a"])
def test_a_host_holds_these_characters_and_no_others(before: str) -> None:
    """R03, R20"""
    urls = {character: f"https://{before}{character}b.example/hook" for character in PRINTABLE}
    of_images = {character for character, url in urls.items() if url_fault(url) is None}
    of_webhooks = {character for character, url in urls.items() if webhook_fault(url, ()) is None}
    of_names = set(OF_NAMES + ENDS_THE_HOST) if before else set(OF_NAMES) - {"."}
    assert of_images == of_names | set("!$&'()*+,;=~")
    assert of_webhooks == of_names | {ENDS_THE_USER}

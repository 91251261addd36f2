"""Addresses that can be fetched as they are written, and were probably meant otherwise: a warning."""

import io
from collections.abc import Sequence

import pytest

from services.ingest.csv_file.image_urls.doubtful import Doubt, doubt_about
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import JudgedCsv, read_csv
from services.ingest.csv_file.verdicts import shown_value

HEADER = "S. No.,Product Name,Input Image Urls\n"
A = "https://a.example/1.jpg"


def read(text: str) -> JudgedCsv:
    judged = read_csv(io.BytesIO(text.encode()), CsvLimits())
    judged.rows.close()
    return judged


ESCAPED = (f"{A}?w=1&amp;h=2", "https://s.example/a&#38;b.jpg", f"{A}?w=1&#X26;h=2")
FOLLOWED = (f"{A} main", f"{A} (front view)", "https://s.example/my%20a.PNG?v=1 - 2")
UNSEEN = ("https://s.example/\u200b1.jpg", f"{A}?w=\ufeff1", "https://s.example/my\u00adchair.jpg")

PAGES = (
    "https://drive.google.com/file/d/1a_B/view?usp=sharing",
    "https://drive.google.com/open?id=1a_B",
    "https://photos.app.goo.gl/x1",
    "https://www.dropbox.com/scl/fi/a/1.jpg?rlkey=b&dl=0",
    "https://1drv.ms/i/s!Ab",
    "https://shop.sharepoint.com/:i:/s/web/EaBc?e=4%3aAb",
    "https://shop-my.sharepoint.com/:i:/g/personal/a_shop_example/EaBc",
    "https://onedrive.live.com/?id=1",
    "https://www.icloud.com/photos/#0a",
    "https://imgur.com/a/xYz",
    "https://ibb.co/xYz",
    "https://www.postimg.cc/xYz",
    "https://we.tl/t-xYz",
    "https://app.box.com/s/a1b2",
    "https://shop.app.box.com/s/a1b2",
    "https://github.com/shop/pictures/blob/main/1.jpg",
    "https://mega.nz/file/a1b2#c3",
    "https://disk.yandex.ru/i/a1b2",
    "https://pan.baidu.com/s/1a_B",
    "https://www.pinterest.com/pin/12/",
    "https://www.instagram.com/p/a1b2/",
)


@pytest.mark.parametrize("url", PAGES)
def test_a_page_that_shares_an_image_is_a_warning(url: str) -> None:
    """R03"""
    assert doubt_about(url) is Doubt.PAGE


@pytest.mark.parametrize(
    "url",
    [
        "https://drive.google.com/uc?export=download&id=1a_B",
        "https://drive.google.com/thumbnail?id=1a_B&sz=w1000",
        "https://lh3.googleusercontent.com/d/1a_B",
        "https://www.dropbox.com/scl/fi/a/1.jpg?rlkey=b&raw=1",
        "https://dl.dropboxusercontent.com/s/a/1.jpg",
        "https://onedrive.live.com/download?resid=1",
        "https://shop.sharepoint.com/:i:/s/web/EaBc?e=4%3aAb&download=1",
        "https://shop.sharepoint.com/sites/web/Shared%20Documents/1.jpg",
        "https://i.imgur.com/xYz.jpg",
        "https://imgur.com/xYz.png",
        "https://i.ibb.co/a/1.jpg",
        "https://i.postimg.cc/a/1.jpg",
        "https://a.example/drive.google.com/1.jpg",
        "https://github.com/shop/pictures/blob/main/1.jpg?raw=true",
        "https://github.com/shop/pictures/raw/main/1.jpg",
        "https://raw.githubusercontent.com/shop/pictures/main/1.jpg",
        "https://shop.box.com/shared/static/a1b2.jpg",
        "https://www.mailbox.com/s/1.jpg",
    ],
)
def test_the_image_itself_on_such_a_host_is_none(url: str) -> None:
    """R03"""
    assert doubt_about(url) is None


@pytest.mark.parametrize(
    ("urls", "found", "then"),
    [
        (ESCAPED, "hold &amp;, which stands for & in the HTML of a page", "write & in its place"),
        (FOLLOWED, "have words behind them", "take the words out"),
        (
            UNSEEN,
            "hold characters that nobody sees, shown here as \ufffd",
            "type the address anew, or take it out",
        ),
        (PAGES[:3], "lead to a page that shows the image", "give the address of the image itself"),
    ],
)
def test_addresses_that_were_probably_not_copied_rightly_are_a_warning(
    urls: Sequence[str], found: str, then: str
) -> None:
    """R03"""
    judged = read(f"{HEADER}1,a,{A}\n" + "".join(f"{n},b,{url}\n" for n, url in enumerate(urls, 2)))
    assert (judged.errors_total, judged.images) == (0, 4)
    (warning,) = judged.warnings
    assert warning.code == "doubtful_address"
    first = shown_value(urls[0])
    assert warning.message == (
        f"3 image addresses {found}, first in row 3 ('{first}'): addresses are fetched as they are written;"
        f" {then}."
    )


def test_each_doubt_is_told_and_one_address_as_one() -> None:
    """R03"""
    judged = read(f'{HEADER}1,a,"{FOLLOWED[0]},{ESCAPED[0]}"\n')
    assert [each.message.partition(", ")[0] for each in judged.warnings] == [
        "1 image address holds &amp;",
        "1 image address has words behind it",
    ]


@pytest.mark.parametrize(
    "path",
    [
        *("1.jpg?a;b&c", "my chair.jpg", "1.jpg copy.jpg", "1.jpg old/2.jpg", "i?of=1.jpg b&w=2", "&amp.jpg"),
        *("می\u200cخ.jpg", "क्\u200dष.jpg"),
    ],
)
def test_an_address_that_may_well_be_meant_as_it_is_written_is_no_warning(path: str) -> None:
    """R03"""
    assert read(f"{HEADER}1,a,https://s.example/{path}\n").warnings == ()


@pytest.mark.parametrize(
    "tail", [" " + ".jpg?" * 100_000, ".jpg" + " " * 500_000 + "="], ids=["queries", "spaces"]
)
def test_a_hostile_address_is_read_once(tail: str) -> None:
    """It is far longer than one may be: looked through for each of its parts, it would take hours."""
    assert doubt_about(f"https://s.example/{tail}") is None

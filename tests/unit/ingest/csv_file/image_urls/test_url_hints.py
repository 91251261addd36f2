"""Whoever keeps the list is told what to do about each wrong address."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.csv_file.image_urls import hints
from services.ingest.csv_file.image_urls.cell import url_fault
from services.ingest.csv_file.image_urls.hints import url_hint


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("www.shop.example/1.jpg", "Write https:// in front of it: https://www.shop.example/1.jpg."),
        ("shop.example/1.jpg", "Write https:// in front of it: https://shop.example/1.jpg."),
        ("shop.example:8443/1.jpg?w=4", "in front of it: https://shop.example:8443/1.jpg?w=4."),
        ("WWW.SHOP.EXAMPLE", "in front of it: https://WWW.SHOP.EXAMPLE."),
        ("büro.example/1.jpg", "in front of it: https://büro.example/1.jpg."),
        ("//cdn.example/1.jpg", "Write https: in front of it: https://cdn.example/1.jpg."),
        ("htps://a.example/1.jpg", "misspelt; write https://a.example/1.jpg."),
        ("htp://x", "misspelt; write https://x."),
        ("hhtps://a.example/1.jpg", "misspelt; write https://a.example/1.jpg."),
        ("ttps://a.example/1.jpg", "misspelt; write https://a.example/1.jpg."),
        ("https//a.example/1.jpg", "misspelt; write https://a.example/1.jpg."),
        ("https:/a.example/1.jpg", "misspelt; write https://a.example/1.jpg."),
        ("http:\\\\a.example\\1.jpg", "misspelt; write https://a.example/1.jpg."),
        (r"https:\/\/a.example\/b\/1.jpg", "misspelt; write https://a.example/b/1.jpg."),
        ("https;//a.example/1.jpg", "misspelt; write https://a.example/1.jpg."),
        ("https : //a.example/1.jpg", "misspelt; write https://a.example/1.jpg."),
        ("https://https://a.example/1.jpg", "begins twice with http; write https://a.example/1.jpg."),
        ("ftp://a.example/1.jpg", "Only http and https addresses are fetched: put the image on your website"),
        ("blob:https://a.example/8b1c", "nothing but one browser's memory: put the image on your website"),
        ("s3://bucket/1.jpg", "Only http and https addresses are fetched"),
        ("data:image/png;base64,iVBORw0KGgo=", "The image itself stands in the cell"),
        (f"/9j/4AAQSkZJRgABAQ{'A' * 60}==", "The image itself stands in the cell"),
        (f"iVBORw0KGgo{'/a+' * 900}", "The image itself stands in the cell"),
        ("/9j/4.jpg", "This is only the end of an address"),
        (
            "https://u:p@a.example/1.jpg",
            "Remove the user name and password before the @: https://a.example/1.jpg.",
        ),
        ("https://me@a.example/1.jpg", "before the @: https://a.example/1.jpg."),
        ("https://a b.example/1.jpg", "Remove the space from the website's name."),
        ("https://a.example/\n1.jpg", "Delete the line break"),
        (f"https://a.example/{'x' * 1000}\n1.jpg", "Delete the line break"),
        ("https://", "The website's name is missing after https://"),
        ("https:///1.jpg", "The website's name is missing after https://"),
        ("https://a..example/1.jpg", "Check the website's name 'a..example'"),
        ("https://a.example:x/", "Check the website's name 'a.example:x'"),
        (f"https://a.example/{'x' * 2048}", "The address is too long"),
        (r"C:\Users\me\chair.jpg", "a file on a computer"),
        ("C:/Users/me/chair.jpg", "a file on a computer"),
        (r"\\server\share\chair.jpg", "a file on a computer"),
        ("file:///home/me/chair.jpg", "a file on a computer"),
        ("/home/me/chair.jpg", "a file on a computer"),
        ("./chair.jpg", "a file on a computer"),
        ("https%3A%2F%2Fa.example%2F1.jpg", "Some characters are escaped; write https://a.example/1.jpg."),
        ("https&#58;//a.example/1.jpg", "Some characters are escaped; write https://a.example/1.jpg."),
        ("https:a.example/1.jpg", "The beginning is misspelt; write https://a.example/1.jpg."),
        ("https:product-1.jpg", "a file on a computer"),
        ("http: not found", "This is no web address."),
        ("HTTP: 404", "This is no web address."),
        ("https%3A%2F%2Fa.example%2F1.jpg%0A", "Some characters are escaped; write https://a.example/1.jpg."),
        (
            "https%3A%2F%2Fa.example%2F1.jpg|https%3A%2F%2Fa.example%2F2.jpg",
            "Some characters are escaped; write https://a.example/1.jpg, https://a.example/2.jpg.",
        ),
        ("~/chair.jpg", "a file on a computer"),
        ("chair.jpg", "a file on a computer"),
        ("red chair.JPEG", "a file on a computer"),
        ("Image must be a .jpg or .png", "This is no web address"),
        (
            "images/chair.jpg",
            "the end of an address; write all of it, as in https://shop.example/images/chair.jpg.",
        ),
        ('=IMAGE("https://a.example/1.jpg")', "Leave only the address in the cell: https://a.example/1.jpg."),
        (
            '=HYPERLINK("https://a.example/1.jpg","x")',
            "Leave only the address in the cell: https://a.example/1.jpg.",
        ),
        (
            '<img src="https://a.example/1.jpg">',
            "Leave only the address in the cell: https://a.example/1.jpg.",
        ),
        ("“https://a.example/1.jpg”", "Leave only the address in the cell: https://a.example/1.jpg."),
        ("'https://a.example/1.jpg", "Leave only the address in the cell: https://a.example/1.jpg."),
        ("https://a.example\\@b/1.jpg", "Write / instead of \\: https://a.example/@b/1.jpg."),
        ("https://a.example\\1.jpg", "Write / instead of \\: https://a.example/1.jpg."),
        (r"https://a.example\/b\/1.jpg", "Write / instead of \\: https://a.example/b/1.jpg."),
        ("https://a.example:99999/1.jpg", "Leave out the port :99999, or give one from 1 to 65,535."),
        ("https://a.example:0/1.jpg", "Leave out the port :0, or"),
        (f"https://a.example:80/{'x' * 3000}", "The address is too long"),
        (f"http://192.0.2.7:8080/1.jpg?{'x' * 3000}", "The address is too long"),
        (f"https://[2001:db8::7]/{'x' * 3000}", "The address is too long"),
        (f"http://media/1.jpg?{'x' * 3000}", "The address is too long"),
        (
            "https://a.example/1.jpghttps://a.example/2.jpg",
            "Put a comma between the addresses, before https://a.example/2.jpg.",
        ),
        ("#N/A", "The spreadsheet could not work this cell out (#N/A): write the image's address"),
        (
            "#VALUE!",
            "A picture stands in the cell, or a formula that could not be worked out: put the image on your",
        ),
        ('=DISPIMG("ID_0A",1)', "The image itself stands in the cell: put the image on your website"),
        ('=_xlfn.DISPIMG("ID_0A",1)', "The image itself stands in the cell: put the image on your website"),
        ("#REF!", "could not work this cell out (#REF!)"),
        ("#NAME?", "could not work this cell out (#NAME?)"),
        ("#DIV/0!", "could not work this cell out (#DIV/0!)"),
        ("#BEZUG!", "could not work this cell out (#BEZUG!)"),
        ("https\uff1a//a.example/1.jpg", "full-width ones; write https://a.example/1.jpg."),
        (
            "\uff48\uff54\uff54\uff50\uff53://a.example/1.jpg",
            "full-width ones; write https://a.example/1.jpg.",
        ),
        ("['https://a.example/1.jpg', 'b.jpg']", "This list holds something besides addresses"),
        (
            '<img src="https://a.example/1.jpg"><img src="https://a.example/2.jpg">',
            "separated by commas, as in https://a.example/1.jpg, https://a.example/2.jpg.",
        ),
        ("/m/b/mb01.jpg", "the end of an address; write all of it, as in https://shop.example/m/b/mb01.jpg."),
        ("/media/catalog/product/m.png", "as in https://shop.example/media/catalog/product/m.png."),
        ("12/05/2026", "This is no web address. Write each address in full"),
        ("1/2", "This is no web address."),
        ("and/or", "This is no web address."),
        ("#FF0000", "This is no web address."),
        ("Chair.Red", "This is no web address."),
        ("N/A", "Where there is none, remove the row, or upload with on_invalid=skip."),
        ("-", "Where there is none"),
        ("none", "Where there is none"),
        ("red", "This is no web address. Write each address in full"),
    ],
)
def test_a_wrong_address_is_answered_with_what_to_do(url: str, part: str) -> None:
    """R03"""
    assert url_fault(url) is not None
    assert part in url_hint(url)


@pytest.mark.parametrize("end", ["/1.jpg", "", "/?u=https://b.example/1.jpg", ":443/1.jpg"])
def test_a_host_has_no_more_characters_than_names_may_have(end: str) -> None:
    """R03: also where each of its labels is short enough, and however the address goes on."""
    labels = ".".join(["a" * 49] * 4)
    for missing, is_one in ((53, True), (54, False)):
        host = f"{labels}.{'b' * (missing - len('.example'))}.example"
        assert (len(host) <= 253) is is_one
        assert (url_fault(f"https://{host}{end}") is None) is is_one


@given(st.text(max_size=500) | st.from_regex(r"(h?t?tps?[:/.; @\\]{0,4}|www\.)[!-~ ]{0,60}"))
def test_every_text_has_a_short_hint_on_one_line(text: str) -> None:
    """R03"""
    hint = url_hint(text)
    assert 0 < len(hint) < 400
    assert hint.isprintable()


@pytest.mark.parametrize("piece", ["a.", "https://", "/", "a ", "@", "\\", "-", ":"])
def test_a_hint_takes_no_longer_for_a_hostile_address(piece: str) -> None:
    """R20: it looks at the beginning alone; a pattern that tries every way would never end."""
    for _ in range(100):
        url_hint(piece * 1_000_000)


@pytest.mark.parametrize("begin", ["", "http", "ftp:", "www.", "a@"])
@pytest.mark.parametrize("piece", [" ", "\t", ":", "/", "-", "a", "a.", ". ", ": ", "_", "1", "%"])
def test_no_pattern_tries_every_way_through_an_address(
    monkeypatch: pytest.MonkeyPatch, begin: str, piece: str
) -> None:
    """R20: of ten times as much text as is looked at; the square of that would be some ten seconds' work."""
    monkeypatch.setattr(hints, "LOOKED_AT_CHARACTERS", 40_000)
    started = time.process_time()
    url_hint(begin + piece * (40_000 // len(piece) - 10) + "x")
    assert time.process_time() - started < 5

"""R25, R27: whoever follows a link from the page to the API, or to what an error means, finds its colours."""

import re

import pytest

from services.status.api.page import FILES
from services.status.api.reference.routes import FOLDER
from shared.web.pages.help_page import listed

COLOUR = re.compile(r"#[0-9a-f]{3,6}\b")
OF_THE_PAGE = set(COLOUR.findall((FILES / "style" / "scale.css").read_text()))
OTHERS = {
    "/docs": (FOLDER / "style.css").read_text(),
    "/failures/": listed("Failure codes", "About them.", "/failures/", {}),
}


@pytest.mark.parametrize("path", OTHERS)
def test_what_the_page_leads_to_has_its_colours(path: str) -> None:
    colours = set(COLOUR.findall(OTHERS[path]))
    assert len(colours) >= 6
    assert colours <= OF_THE_PAGE

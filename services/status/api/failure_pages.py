"""The pages that `help_url` leads to: what a failure code means, who can mend it, what to do."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from services.status.rendering.failure_words import WHO, advice_of, tries_of
from services.status.rendering.links import FAILURES
from shared.contract.codes import FailureCode, known_code, meaning_of
from shared.web.methods import READ
from shared.web.pages.help_page import HEADERS, explained, listed

router = APIRouter(include_in_schema=False)
_ABOUT = "Why an image can fail. Besides these there is `http_NNN` for each status that its host can answer."


@router.api_route(FAILURES, methods=READ)
async def every_failure() -> HTMLResponse:
    hints = {str(code): meaning_of(code).hint for code in FailureCode}
    return HTMLResponse(listed("Failure codes", _ABOUT, FAILURES, hints), headers=HEADERS)


@router.api_route(FAILURES + "{name}", methods=READ)
async def one_failure(name: str) -> HTMLResponse:
    code = known_code(name)
    if code != name:
        raise HTTPException(404)
    meaning = meaning_of(code)
    sections = {
        "": meaning.hint,
        "Who can mend it": f"{WHO[meaning.fixer].capitalize()}.",
        "What to do": advice_of(code),
        "Was it tried again?": tries_of(meaning),
    }
    return HTMLResponse(explained(name, sections, (FAILURES, "All failure codes")), headers=HEADERS)

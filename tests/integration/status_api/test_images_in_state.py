"""Images asked for by state: exactly those that read so, whatever became of the request."""

import pytest

from services.status.records.states import ImageState
from tests.worlds.services.status_world import CREATED, StatusWorld


@pytest.mark.parametrize("standing", [{}, {"http_404": 2, "damaged": 1}])
@pytest.mark.parametrize("run", [1, 3])
@pytest.mark.parametrize(
    "request_columns",
    [
        {"state": "processing"},
        {"state": "completed", "completed_at": CREATED},
        {"state": "cancelled", "completed_at": CREATED},
        {"state": "failed", "completed_at": CREATED, "failure_code": "expired"},
    ],
)
async def test_each_image_is_found_in_the_state_it_reads_as_and_in_no_other(
    world: StatusWorld, request_columns: dict[str, object], run: int, standing: dict[str, int]
) -> None:
    """R10"""
    codes = ("http_404", "damaged", "timed_out")
    stored = [(state, of_run) for state in ImageState for of_run in range(1, run + 1)] * len(codes)
    request_id = await world.add_request(images=len(stored), run=run, standing=standing, **request_columns)
    for ordinal, (state, of_run) in enumerate(stored):
        code = codes[ordinal * len(codes) // len(stored)] if state is ImageState.FAILED else None
        await world.add_image(request_id, ordinal, 0, state, run=of_run, code=code)
    reader = world.deps.reader
    every = [{**row} for row in await reader.images(request_id, 0, None, 100)]
    assert len(every) == len(stored)
    for state in ImageState:
        found: list[dict[str, object]] = []
        while page := await reader.images(
            request_id, int(str(found[-1]["ordinal"])) + 1 if found else 0, state, 2
        ):
            found += [{**row} for row in page]
        assert found == [image for image in every if image["state"] == state]

"""How many uploads may be under way at the same time, and how a further one is refused."""

from shared.web.places import Places
from shared.web.problems import Problem, too_many, unavailable

BUSY_RETRY_SECONDS = 2


def upload_places(most: int) -> Places:
    return Places(most=most, all_taken=busy, enough_taken=too_many_uploads)


def busy() -> Problem:
    return unavailable("Too many uploads are under way.", BUSY_RETRY_SECONDS, "busy")


def too_many_uploads(under_way: int) -> Problem:
    uploads = "1 upload of yours is" if under_way == 1 else f"{under_way} uploads of yours are"
    error = f"{uploads} under way, as many as there are places left for others; wait for one to end."
    return too_many(error, BUSY_RETRY_SECONDS, "too-many-uploads")

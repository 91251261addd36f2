"""Promises about images: one result each, and the one that their hosts deserve (pure)."""

from collections.abc import Iterator, Sequence

from chaos.live.checker.evidence import Evidence, Row
from chaos.live.journal import Beat, NobodyListens, Upload

# The code speaks of the whole host: after some of it, the host's other images are not asked for either.
OF_THE_HOST = frozenset({"timed_out", "connect_failed"})
OF_THE_HOST_AFTER = 3
# After three of them an image has failed; each needs a reason of its own.
RETRYABLE = frozenset({"timed_out", "connect_failed", "connection_lost", "too_slow", "http_500"})
MOST_FAILURES = 3
LATE_SECONDS = 3.0  # our own loop was so late: its hosts were silent meanwhile


def every_image_has_one_result(evidence: Evidence) -> Iterator[str]:
    for upload, row in evidence.kept():
        images = evidence.images_of.get(row["id"], ())
        for told in _of_rows(upload, row, images, may_be_cancelled=evidence.may_have("cancel", row["id"])):
            yield f"{row['id']} ({upload.name}): {told}"


def _of_rows(upload: Upload, row: Row, images: Sequence[Row], *, may_be_cancelled: bool) -> Iterator[str]:
    urls = [image["input_url"] for image in images]
    wanted = upload.urls[: len(urls)] if row["state"] == "cancelled" else upload.urls
    if urls != list(wanted):
        yield f"its images are not those of its file: {len(urls)} for {len(upload.urls)}"
    states = [image["state"] for image in images]
    for state in ("done", "failed"):
        if row[state] != states.count(state):
            yield f"it counts {row[state]} as {state}, and {states.count(state)} are"
    for image in images:
        if image["state"] not in {"done", "failed", "cancelled"}:
            yield f"image {image['ordinal']} is {image['state']}"
        if image["state"] == "cancelled" and not may_be_cancelled:
            yield f"image {image['ordinal']} is cancelled, and nobody cancelled it"


def no_image_failed_that_its_host_served(evidence: Evidence) -> Iterator[str]:
    """For each failure the host did something, and for one that is tried three times three times."""
    for _, row in evidence.kept():
        for image in evidence.images_of.get(row["id"], ()):
            if image["state"] == "failed" and not _is_deserved(evidence, row, image):
                sent = [each.wrong or "served" for each in evidence.sent.get(image["input_url"], ())]
                yield (
                    f"image {image['ordinal']} of {row['id']} failed with {image['code']}; "
                    f"{image['input_url']} answered {sent}"
                )


def _is_deserved(evidence: Evidence, row: Row, image: Row) -> bool:
    host, code = image["input_url"].rpartition("/")[0], image["code"]
    if any(nobody.host == host for nobody in evidence.history.of(NobodyListens)):
        return bool(code == "connect_failed")
    bad = sum(each.is_bad for each in evidence.sent.get(image["input_url"], ()))
    if code not in RETRYABLE:
        return bad >= 1
    if bad >= MOST_FAILURES or _hosts_stood_still(evidence, row, image):
        return True
    return code in OF_THE_HOST and evidence.bad_answers[host] >= OF_THE_HOST_AFTER


def _hosts_stood_still(evidence: Evidence, row: Row, image: Row) -> bool:
    began, ended = row["recorded_at"].timestamp(), image["ended_at"].timestamp()
    return any(
        beat.late_seconds > LATE_SECONDS and began <= beat.at <= ended + LATE_SECONDS
        for beat in evidence.history.of(Beat)
    )


def what_is_done_came_from_its_host(evidence: Evidence) -> Iterator[str]:
    """The original has the bytes of a whole image that the host sent for this URL."""
    for _, row in evidence.kept():
        for image in evidence.images_of.get(row["id"], ()):
            if image["state"] != "done":
                continue
            original = evidence.files.get(image["original_key"] or "")
            whole = {each.sha256 for each in evidence.sent.get(image["input_url"], ()) if each.sha256}
            if original is None or original.sha256 not in whole:
                yield f"image {image['ordinal']} of {row['id']} is done, its original is not what was sent"

"""Promises about processes and time: at rest they hold what they held before, after a fault they are soon
ready, and nobody waits for another's load (pure).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from chaos.live.checker.evidence import Evidence, Row
from chaos.live.journal import AtRest, Beat, Died, Struck

MORE_MEMORY, MORE_MEMORY_BYTES = 1.5, 96 * 1024 * 1024  # caches and what an allocator keeps
MORE_DESCRIPTORS = 48  # connections that are kept for a while
READY_SECONDS = 60.0
SMALL_WAITS_SECONDS = 10.0
SMALL_WAITS_IMAGES = 300  # of others, that end while a small request is open: ten seconds' work
BROKEN_BY_ITSELF = b"was terminated by signal 11"  # no fault of ours sends that
AFTERMATH_SECONDS = 60.0  # of a fault, in which nobody promises speed


def memory_and_descriptors_stay_flat(evidence: Evidence) -> Iterator[str]:
    before, after = _at_rest(evidence, "before"), _at_rest(evidence, "after")
    for service, later in after.items():
        earlier = before.get(service)
        if earlier is None:
            continue
        if later.memory_bytes > earlier.memory_bytes * MORE_MEMORY + MORE_MEMORY_BYTES:
            yield f"{service} held {earlier.memory_bytes:,} bytes and holds {later.memory_bytes:,}"
        if later.descriptors > earlier.descriptors + MORE_DESCRIPTORS:
            yield f"{service} held {earlier.descriptors} descriptors and holds {later.descriptors}"


def _at_rest(evidence: Evidence, moment: str) -> dict[str, AtRest]:
    return {each.service: each for each in evidence.history.of(AtRest) if each.moment == moment}


def nobody_died_by_itself(evidence: Evidence) -> Iterator[str]:
    """A signal comes from a fault; an exit status does not."""
    for died in evidence.history.of(Died):
        if not died.how.startswith("killed by"):
            yield f"{died.part} ended with {died.how}: {died.last_words}"


def no_server_breaks_by_what_it_is_asked(evidence: Evidence) -> Iterator[str]:
    """Postgres ends all its sessions and comes back, and nothing is lost: nobody would know."""
    for place, text in evidence.texts.items():
        if times := text.count(BROKEN_BY_ITSELF):
            yield f"{place} tells {times} times of a session that ended by a fault of its own"


def everything_is_soon_ready_after_a_fault(evidence: Evidence) -> Iterator[str]:
    """Soon, as far as the machine gave anybody a core."""
    for struck in evidence.history.of(Struck):
        seconds, slowness = struck.ended - struck.healed, _slowness(evidence, struck.healed, struck.ended)
        if seconds > READY_SECONDS * slowness:
            yield f"ready {seconds:.0f} s after {struck.name}, on a machine slowed down {slowness:.1f} times"


def no_small_request_waits_for_another_s_load(evidence: Evidence) -> Iterator[str]:
    """While nothing was down. Who waits for others sees that they get much done before it, and long."""
    ended: dict[str, list[float]] = defaultdict(list)
    for image in evidence.images:
        if image["ended_at"] is not None:
            ended[image["request_id"]].append(image["ended_at"].timestamp())
    for upload, row in evidence.kept():
        began, end = evidence.accepted_at[row["id"]], _first_end(evidence, row)
        if not upload.is_small or end is None or _something_was_down(evidence, began, end):
            continue
        slowness = _slowness(evidence, began, end)
        others = sum(
            began < moment < end
            for request_id, moments in ended.items()
            if request_id != row["id"]
            for moment in moments
        )
        if end - began > SMALL_WAITS_SECONDS * slowness and others > SMALL_WAITS_IMAGES:
            yield f"{row['id']} ({upload.name}) took {end - began:.1f} s, in which others had {others} images"


def _first_end(evidence: Evidence, row: Row) -> float | None:
    first = [each for each in evidence.completions_of.get(row["id"], ()) if each["run"] == 1]
    return first[0]["completed_at"].timestamp() if first else None


def _something_was_down(evidence: Evidence, began: float, end: float) -> bool:
    return any(
        struck.began < end and began < struck.ended + AFTERMATH_SECONDS
        for struck in evidence.history.of(Struck)
    )


def _slowness(evidence: Evidence, began: float, end: float) -> float:
    beats: Sequence[Beat] = [beat for beat in evidence.history.of(Beat) if began <= beat.at <= end]
    return max(1.0, sum(beat.slowness for beat in beats) / len(beats)) if beats else 1.0

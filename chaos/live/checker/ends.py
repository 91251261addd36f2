"""Promises about requests and runs: what was accepted ends, once a run, and is told; a key makes one request
(pure).
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from chaos.live.checker.evidence import ENDED, Evidence
from chaos.live.journal import Answered, Heard, SeenEnd, Settled


def all_work_came_to_its_end(evidence: Evidence) -> Iterator[str]:
    for settled in evidence.history.of(Settled):
        if settled.left is not None:
            yield settled.left


def every_id_that_was_answered_has_ended(evidence: Evidence) -> Iterator[str]:
    for request_id, upload in evidence.upload_of.items():
        row = evidence.request.get(request_id)
        was_deleted = evidence.may_have("delete", request_id)
        if row is None or (row["deleted_at"] is not None and not was_deleted):
            yield f"{request_id} ({upload.name}) is gone, and nobody deleted it"
            continue
        if row["state"] not in ENDED:
            yield f"{request_id} ({upload.name}) is {row['state']}"
        is_wanted = was_deleted or evidence.may_have("cancel", request_id)
        if row["state"] == "cancelled" and not is_wanted:
            yield f"{request_id} ({upload.name}) is cancelled, and nobody cancelled it"


def a_run_ends_in_one_state(evidence: Evidence) -> Iterator[str]:
    """As clients read it, as the tables keep it, as the topic tells it."""
    states: dict[tuple[str, int], set[str]] = defaultdict(set)
    for seen in evidence.history.of(SeenEnd):
        states[seen.request_id, seen.run].add(seen.state)
    for row in evidence.completions:
        states[row["request_id"], row["run"]].add(json.loads(row["body"])["status"])
    for told_run, messages in evidence.ends_told.items():
        states[told_run] |= {json.loads(message.value or b"{}")["status"] for message in messages}
    for (request_id, run), seen_states in states.items():
        if len(seen_states) > 1:
            yield f"run {run} of {request_id} ended as {sorted(seen_states)}"


def every_end_is_told_in_the_same_bytes(evidence: Evidence) -> Iterator[str]:
    kept = {row["id"] for _, row in evidence.kept()}
    for request_id in kept:
        runs = sorted(row["run"] for row in evidence.completions_of.get(request_id, ()))
        if runs != list(range(1, evidence.request[request_id]["run"] + 1)):
            yield f"{request_id} is in run {evidence.request[request_id]['run']}; ends are kept of {runs}"
    for row in evidence.completions:
        told = {message.value for message in evidence.ends_told.get((row["request_id"], row["run"]), ())}
        if not told and row["request_id"] in kept:
            yield f"the end of run {row['run']} of {row['request_id']} was never told"
        if told - {row["body"].encode()}:
            yield f"the end of run {row['run']} of {row['request_id']} was told in other bytes than are kept"


def the_feed_tells_every_end_once(evidence: Evidence) -> Iterator[str]:
    """To who follows it: what is committed late must not come before what was read."""
    heard = Counter((each.request_id, each.run) for each in evidence.history.of(Heard))
    kept = {row["id"] for _, row in evidence.kept()}
    for row in evidence.completions:
        times = heard[row["request_id"], row["run"]]
        if row["request_id"] in kept and times != 1:
            yield f"the end of run {row['run']} of {row['request_id']} was heard {times} times"


def a_key_makes_one_request(evidence: Evidence) -> Iterator[str]:
    answered: dict[str, set[str]] = defaultdict(set)
    posts: dict[str, int] = defaultdict(int)
    for each in evidence.history.of(Answered):
        posts[each.name] += 1
        if each.request_id is not None:
            answered[each.name].add(each.request_id)
    made: dict[str, set[str]] = defaultdict(set)
    for row in evidence.requests:
        made[row["filename"].removesuffix(".csv")].add(row["id"])
    for name, upload in evidence.uploads.items():
        ids, most = made[name] | answered[name], 1 if upload.key else posts[name]
        if len(ids) > most:
            yield f"{name} was wanted {most} time(s) and is {len(ids)} requests"
        if upload.key is not None and posts[name] and not answered[name]:
            yield f"{name} was repeated with its key and never got an id"
        for request_id in answered[name] - made[name]:
            if request_id in evidence.request:
                yield f"{name} was answered with the id of another file"

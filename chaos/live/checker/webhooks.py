"""Promises about webhooks: each end reaches its receiver, as one thing, signed, and not before it is the end
(pure).
"""

import base64
import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterator

from chaos.live.checker.evidence import Evidence, Row, Run
from chaos.live.journal import Account, Posted, Replied

OPEN = frozenset({"waiting", "retrying"})


def every_end_is_posted_at_least_once(evidence: Evidence) -> Iterator[str]:
    posted = evidence.posts
    for upload, row in evidence.kept():
        for completion in evidence.completions_of.get(row["id"], ()):
            run = row["id"], completion["run"]
            if upload.has_webhook and run not in posted:
                yield f"the end of run {run[1]} of {run[0]} was never posted"


def a_run_is_posted_under_one_id_in_the_same_bytes(evidence: Evidence) -> Iterator[str]:
    kept = {(row["request_id"], row["run"]): row["body"].encode() for row in evidence.completions}
    of_runs: dict[str, set[Run]] = defaultdict(set)
    for run, posts in evidence.posts.items():
        ids = {post.headers.get("webhook-id", "") for post in posts}
        bodies = {post.body_bytes for post in posts}
        for each in ids:
            of_runs[each].add(run)
        if len(ids) > 1:
            yield f"run {run[1]} of {run[0]} was posted under {len(ids)} ids"
        if len(bodies) > 1 or (run in kept and bodies != {kept[run]}):
            yield f"run {run[1]} of {run[0]} was posted in other bytes than are kept"
    for webhook_id, runs in of_runs.items():
        if len(runs) > 1:
            yield f"webhook {webhook_id} stands for {len(runs)} runs"


def every_post_is_signed(evidence: Evidence) -> Iterator[str]:
    secrets = {account.tenant: account.webhook_secret for account in evidence.history.of(Account)}
    for post in evidence.history.of(Posted):
        tenant = post.path.rpartition("/")[2]
        if not _is_genuine(post, secrets[tenant]):
            yield f"webhook {post.headers.get('webhook-id')} to {post.path} is not signed as {tenant}'s"


def _is_genuine(post: Posted, secret: str) -> bool:
    """By the Standard Webhooks specification; clocks that jump are no matter of the signature."""
    named = f"{post.headers.get('webhook-id')}.{post.headers.get('webhook-timestamp')}."
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, named.encode() + post.body_bytes, hashlib.sha256)
    expected = f"v1,{base64.b64encode(digest).decode()}"
    return expected in post.headers.get("webhook-signature", "").split(" ")


def none_is_posted_before_the_end(evidence: Evidence) -> Iterator[str]:
    ended = {(row["request_id"], row["run"]): row["completed_at"].timestamp() for row in evidence.completions}
    for run, posts in evidence.posts.items():
        row = evidence.request.get(run[0])
        if run not in ended and (row is None or row["deleted_at"] is None):
            yield f"run {run[1]} of {run[0]} was posted and has no end"
        if run in ended and min(post.at for post in posts) < ended[run]:
            yield f"run {run[1]} of {run[0]} was posted before it had ended"


def a_delivery_ends_as_its_receiver_answered(evidence: Evidence) -> Iterator[str]:
    kept = {row["id"] for _, row in evidence.kept()}
    replies: dict[str, Counter[int]] = defaultdict(Counter)
    for each in evidence.history.of(Replied):
        replies[each.webhook_id][each.status] += 1
    for delivery in evidence.deliveries:
        told = _of_delivery(delivery, replies[delivery["webhook_id"]])
        if told is not None and delivery["request_id"] in kept:
            yield f"webhook {delivery['webhook_id']} is {delivery['state']}: {told}"


def _of_delivery(delivery: Row, replies: Counter[int]) -> str | None:
    refused = sum(count for status, count in replies.items() if not 200 <= status < 300)
    match delivery["state"]:
        case "delivered" if not replies[204]:
            return "its receiver never took it"
        case "gone" if not replies[410]:
            return "its receiver never said so"
        case "exhausted" if refused < delivery["attempts"] - delivery["schedule_from"]:
            return f"its receiver refused it {refused} times"
        case "undeliverable":
            return "its target is a good one"
        case state if state in OPEN:
            return "nobody goes on with it"
        case _:
            return None

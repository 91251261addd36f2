"""All that was promised, by name, and what a run broke of it (pure)."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from chaos.live.checker import ends, files, images, machine, outbound, secrets, topics, webhooks
from chaos.live.checker.evidence import Evidence

MOST_TOLD = 20  # of one promise

Promise = Callable[[Evidence], Iterable[str]]

PROMISES: Sequence[Promise] = (
    ends.all_work_came_to_its_end,
    ends.every_id_that_was_answered_has_ended,
    ends.a_run_ends_in_one_state,
    ends.every_end_is_told_in_the_same_bytes,
    ends.the_feed_tells_every_end_once,
    ends.a_key_makes_one_request,
    images.every_image_has_one_result,
    images.no_image_failed_that_its_host_served,
    images.what_is_done_came_from_its_host,
    files.done_means_a_file_and_a_file_means_done,
    files.output_csvs_say_what_the_rows_say,
    files.no_row_belongs_to_nobody,
    files.no_file_belongs_to_nobody_after_the_sweep,
    webhooks.every_end_is_posted_at_least_once,
    webhooks.a_run_is_posted_under_one_id_in_the_same_bytes,
    webhooks.every_post_is_signed,
    webhooks.none_is_posted_before_the_end,
    webhooks.a_delivery_ends_as_its_receiver_answered,
    topics.dead_letters_are_the_poison,
    topics.nothing_is_left_unread,
    outbound.nobody_is_called_who_must_not_be,
    secrets.no_secret_is_kept_or_told,
    machine.nobody_died_by_itself,
    machine.no_server_breaks_by_what_it_is_asked,
    machine.memory_and_descriptors_stay_flat,
)
# Promises in seconds, which a slow machine may break.
OF_TIME: Sequence[Promise] = (
    machine.everything_is_soon_ready_after_a_fault,
    machine.no_small_request_waits_for_another_s_load,
)


def name_of(promise: Promise) -> str:
    return str(getattr(promise, "__name__", promise)).replace("another_s", "another's").replace("_", " ")


def violations(evidence: Evidence, *, also_of_time: bool = True) -> Mapping[str, Sequence[str]]:
    """By the promise that is broken."""
    judged = (*PROMISES, *OF_TIME) if also_of_time else PROMISES
    found = {name_of(promise): list(promise(evidence)) for promise in judged}
    return {name: told[:MOST_TOLD] for name, told in found.items() if told}

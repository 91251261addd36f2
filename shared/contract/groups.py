"""Every consumer group, once: which name each reader uses, and so which offsets are its own; and what it
reads (pure).
"""

from collections.abc import Mapping
from enum import StrEnum

from shared.contract.events import Topic


class Group(StrEnum):
    """The name of one group at the broker. GROUP.paused remembers beside it that it was paused."""

    STATUS_CSV_ACCEPTED = "status-csv-accepted"
    STATUS_IMAGE_DONE = "status-image-done"
    STATUS_WEBHOOK_ATTEMPTED = "status-webhook-attempted"
    PROCESSOR = "processor"
    NOTIFIER = "notifier"
    TAP = "tap"  # the beginning of every third party's group


# Status reads each of its topics in a group of its own, so that one that stands still holds up no other.
STATUS_GROUPS: Mapping[Topic, Group] = {
    Topic.CSV_ACCEPTED: Group.STATUS_CSV_ACCEPTED,
    Topic.IMAGE_DONE: Group.STATUS_IMAGE_DONE,
    Topic.WEBHOOK_ATTEMPTED: Group.STATUS_WEBHOOK_ATTEMPTED,
}
STATUS_PREFIX = "status-"
# What each reads, in the order in which it subscribes: by the first, a paused group is let go on.
TOPICS_OF: Mapping[Group, tuple[Topic, ...]] = {
    **{group: (topic,) for topic, group in STATUS_GROUPS.items()},
    Group.PROCESSOR: (Topic.IMAGE_REQUESTED,),
    Group.NOTIFIER: (Topic.REQUEST_COMPLETED, Topic.WEBHOOK_RETRY),
}

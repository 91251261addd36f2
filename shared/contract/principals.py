"""Everybody who has a name at the broker, once: the services, and two roles beside them (pure)."""

from enum import StrEnum


class Principal(StrEnum):
    INGEST = "ingest"
    STATUS = "status"
    PROCESSOR = "processor"
    NOTIFIER = "notifier"
    TAP = "tap"  # anyone whom an operator lets read
    OPERATOR = "operator"  # runs shared.topics, shared.dead_letters and nothing else

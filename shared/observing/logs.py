"""Structured logs, one JSON line an event, with request_id bound, of libraries as well; and the one list of
log actions.
"""

import json
import logging
import sys
from enum import StrEnum
from functools import partial
from typing import TextIO, cast

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from shared.observing.log_output import hold_standard_streams, output_to
from shared.observing.metrics import LOG_LINES_LOST
from shared.observing.repeats import Repeats

# The one logger. It binds itself at its first use, so after `configure_logs`.
log: FilteringBoundLogger = structlog.get_logger()

_TIMESTAMPED = structlog.processors.TimeStamper(fmt="iso", utc=True)


class Action(StrEnum):
    """Stable names of what happened, for people who search logs at night."""

    SERVICE_STARTED = "service_started"
    SERVICE_STOPPED = "service_stopped"
    REQUEST_ACCEPTED = "request_accepted"
    REQUEST_REFUSED = "request_refused"
    REQUEST_PLANNED = "request_planned"
    REQUEST_ENDED = "request_ended"
    ROWS_LEFT_OUT = "rows_left_out"
    IMAGE_FAILED = "image_failed"
    OUTPUT_DIFFERS = "output_differs"
    DELIVERY_ATTEMPTED = "delivery_attempted"
    MESSAGE_FAILED = "message_failed"
    MESSAGE_DEAD_LETTERED = "message_dead_lettered"
    CONSUMER_PAUSED = "consumer_paused"
    CONSUMER_STALLED = "consumer_stalled"
    PRODUCER_STALLED = "producer_stalled"
    INTAKE_HELD = "intake_held"
    INTAKE_GOES_ON = "intake_goes_on"
    TENANTS_FULL = "tenants_full"
    DEPENDENCY_AWAY = "dependency_away"
    DEPENDENCY_BACK = "dependency_back"
    RESOURCE_SHORT = "resource_short"
    RESOURCE_BACK = "resource_back"
    INSTANCE_ID_TAKEN = "instance_id_taken"  # another process has the same KAFKA_INSTANCE_ID
    GROUP_LEFT = "group_left"
    GROUP_JOINED_AGAIN = "group_joined_again"
    PARTITIONS_ASSIGNED = "partitions_assigned"
    PARTITIONS_REVOKED = "partitions_revoked"
    COMMIT_REFUSED = "commit_refused"
    QUEUE_FULL = "queue_full"
    QUEUE_OPEN = "queue_open"
    HTTP_ANSWERED = "http_answered"
    FILES_SWEPT = "files_swept"
    FILES_LEFT = "files_left"
    PERIOD_MADE = "period_made"
    PERIOD_DROPPED = "period_dropped"
    REQUESTS_STUCK = "requests_stuck"
    HTTP_FAILED = "http_failed"
    KEYS_UNREADABLE = "keys_unreadable"
    JOB_FAILED = "job_failed"
    WORK_SET_ASIDE = "work_set_aside"
    CODEC_CHOSEN = "codec_chosen"
    DECODERS_NOT_CONFINED = "decoders_not_confined"
    DECODER_LOST = "decoder_lost"
    LOG_LINES_LOST = "log_lines_lost"
    LIBRARY_SAID = "library_said"  # a warning, or worse, in words that are not ours


def configure_logs(service: str, level: str) -> None:
    hold_standard_streams()
    output = output_to(sys.stderr, partial(_told_lost, service))
    LOG_LINES_LOST.set_function(lambda: output.lost_in_all)
    begins: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _TIMESTAMPED,
    ]
    ends: list[Processor] = [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(default=str),
    ]
    structlog.configure(
        processors=[*begins, *ends],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", output)),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    of_libraries = logging.StreamHandler(output)
    of_libraries.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[*begins, partial(_said, service)],
            processors=[ProcessorFormatter.remove_processors_meta, *ends],
        )
    )
    of_libraries.addFilter(Repeats())
    logging.basicConfig(level=max(logging.WARNING, getattr(logging, level)), handlers=[of_libraries])
    logging.captureWarnings(capture=True)


def _told_lost(service: str, lines: int) -> str:
    line = {"lines": lines, "event": Action.LOG_LINES_LOST, "service": service, "level": "error"}
    return json.dumps(_TIMESTAMPED(None, "", line)) + "\n"


def _said(service: str, _logger: object, _level: str, line: EventDict) -> EventDict:
    """`service` is given here because a thread of a library does not know it."""
    record: logging.LogRecord = line["_record"]
    line["message"] = line["event"]
    line.update(event=Action.LIBRARY_SAID, logger=record.name, service=service)
    if repeats := getattr(record, "repeats", 0):
        line["repeats"] = repeats
    return line

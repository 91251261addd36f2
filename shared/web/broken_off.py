"""The end of an answer that has begun and cannot be finished: its connection closes, so that nobody takes the
half for the whole. The line of the call says why; the HTTP server would add a traceback, as for a defect.
"""

import logging


class BrokenOff(Exception):  # noqa: N818 - a state of the world, not an error of ours
    """Its words are for the log."""


def is_news(record: logging.LogRecord) -> bool:
    """A filter for the HTTP server's log."""
    return not (record.exc_info and isinstance(record.exc_info[1], BrokenOff))

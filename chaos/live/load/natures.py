"""The kinds of image hosts in a run, good and bad, and how each kind answers (pure)."""

from enum import StrEnum


class Nature(StrEnum):
    WELL = "well"
    SLOW = "slow"  # takes seconds for an image
    CHANGING = "changing"  # never the same bytes twice
    LIMITED = "limited"  # takes only so many requests a second
    SHAKY = "shaky"  # fails at times, and then serves
    LYING = "lying"  # has no image, in one way or another
    SILENT = "silent"  # takes a request and answers nothing
    DEAD = "dead"  # nobody listens


class Shake(StrEnum):
    """How a shaky host fails."""

    ERROR = "500"
    BUSY = "503, to come again in a second"
    CUT = "cut in the middle"
    RESET = "hung up before an answer"


class Lie(StrEnum):
    MISSING = "404"
    TEXT = "a page that is called an image"
    TRUNCATED = "half of an image"
    SHORT = "less than was promised"
    CIRCLE = "a circle of redirects"
    EMPTY = "nothing"
    FORBIDDEN = "a redirect to where nobody may call"

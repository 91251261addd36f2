"""The exit codes of a command, and the errors that end it. docs/command.md has the table."""

from enum import IntEnum


class Exit(IntEnum):
    COMPLETED = 0
    REFUSED = 1  # or nobody answered
    USAGE = 2
    FAILED_IMAGES = 3
    INTERRUPTED = 130
    NOBODY_READS = 141  # as of any command in a pipe that was closed


class CommandFailed(Exception):  # noqa: N818 - an outcome, told to a person
    """One sentence of what went wrong, and one of what to do."""

    def __init__(self, sentence: str, way_out: str = "", code: Exit = Exit.REFUSED) -> None:
        super().__init__(sentence)
        self.sentence, self.way_out, self.code = sentence, way_out, code


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with what goes on and how to go on."""

    def __init__(self, way_on: str) -> None:
        super().__init__(way_on)
        self.way_on = way_on

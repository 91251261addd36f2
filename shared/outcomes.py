"""The exceptions by which a handler or a port may leave: never to be handled, or not now."""


class Invalid(Exception):  # noqa: N818 - a verdict on the message, not an error of ours
    """The message can never be handled: dead letter at once."""


class Away(Exception):  # noqa: N818 - a state of the world, not an error of ours
    """A dependency is down: the offset stays, the service turns unready, the work waits."""

    def __init__(self, dependency: str, reason: object) -> None:
        super().__init__(f"{dependency} is away: {reason}")
        self.dependency = dependency
        self.reason = str(reason)

    @property
    def told(self) -> str:
        """What a caller hears, as the beginning of a sentence: not the reason, which may show our inside."""
        return f"The {self.dependency} is not reachable"


class Refused(Exception):  # noqa: N818 - an answer of a dependency
    """The store is reachable and will not take, or not give, this object."""


class Full(Away):
    """The dependency answers, but has no room for what shall be written."""

    @property
    def told(self) -> str:
        return f"The {self.dependency}'s disk is full ({self.reason})"

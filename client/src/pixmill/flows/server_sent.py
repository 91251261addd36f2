"""Server-sent events out of the bytes of a stream (pure): https://html.spec.whatwg.org/multipage/server-sent-events.html"""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ServerEvent:
    name: str
    data: str
    id: str


@dataclass
class EventReader:
    """Takes bytes as they come, cut anywhere."""

    _rest: bytes = b""
    _name: str = ""
    _id: str = ""
    _data: list[str] = field(default_factory=list)

    def feed(self, more: bytes) -> Iterator[ServerEvent]:
        """Every event that these bytes end."""
        *lines, self._rest = (self._rest + more).replace(b"\r\n", b"\n").split(b"\n")
        for line in lines:
            if line:
                self._take(line.decode("utf-8", "replace"))
            elif event := self._ended():
                yield event

    def _take(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        elif name == "id":
            self._id = value

    def _ended(self) -> ServerEvent | None:
        name, data = self._name or "message", "\n".join(self._data)
        self._name, self._data = "", []
        return ServerEvent(name, data, self._id) if data else None

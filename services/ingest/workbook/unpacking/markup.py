"""Reads XML piece by piece in bounded memory: no entities, no endless tag, name or depth.

Elements come to a handler under short names: a prefix of ours for a known namespace, `?:` for any other.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar
from xml.parsers import expat

from services.ingest.workbook.limits import MOST_DEPTH, MOST_NAMES, NAME_CHARACTERS, TOKEN_BYTES
from services.ingest.workbook.refusals import damaged
from services.ingest.workbook.unpacking.budget import Budget

Attributes = Mapping[str, str]  # by their names; one with a namespace is spelled `namespace name`


class Handler:
    """What is done with a part as it is read. It may raise a verdict."""

    prefixes: ClassVar[Mapping[str, str]]  # of the namespaces that it knows

    def start(self, name: str, attributes: Attributes) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


def read_markup(pieces: Iterable[bytes], handler: Handler, budget: Budget) -> Iterator[None]:
    """Comes back after each piece, so that its caller can take what the handler has.

    Raises `UnreadableCsv` for bad XML.
    """
    reader = _Reader(handler, budget)
    for piece in pieces:
        reader.feed(piece)
        yield
    reader.feed(b"", is_last=True)
    yield


def read_whole(pieces: Iterable[bytes], handler: Handler, budget: Budget) -> None:
    for _ in read_markup(pieces, handler, budget):
        pass


class _Reader:
    def __init__(self, handler: Handler, budget: Budget) -> None:
        self._handler = handler
        self._budget = budget
        self._names = _ShortNames(handler.prefixes)
        self._interned: dict[str, str] = {}
        self._depth = self._elements = self._fed = self._names_seen = 0
        self._parser = expat.ParserCreate(None, " ", self._interned)
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = _refuse
        self._parser.EntityDeclHandler = _refuse
        # With a handler their prefixes are among the names that are counted.
        self._parser.StartNamespaceDeclHandler = _ignore
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = handler.text

    def feed(self, piece: bytes, *, is_last: bool = False) -> None:
        try:
            self._parser.Parse(piece, is_last)
        except expat.ExpatError as error:
            raise damaged("one of its parts is not well-formed XML") from error
        except (LookupError, ValueError) as error:
            raise damaged("one of its parts is in an unknown encoding") from error
        self._fed += len(piece)
        self._budget.count_elements(self._elements)
        self._elements = 0
        if len(self._interned) > self._names_seen:
            self._require_few_names()
        if self._fed - self._parser.CurrentByteIndex > TOKEN_BYTES:
            raise damaged("it holds a tag that does not end")

    def _require_few_names(self) -> None:
        self._names_seen = len(self._interned)
        characters = sum(len(name) for name in self._interned if name)  # what has no prefix has None
        if self._names_seen > MOST_NAMES or characters > NAME_CHARACTERS:
            raise damaged("it holds too many names of elements")

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MOST_DEPTH:
            raise damaged("its elements stand too deep in one another")
        self._handler.start(self._names[name], attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._handler.end(self._names[name])


class _ShortNames(dict[str, str]):
    def __init__(self, prefixes: Mapping[str, str]) -> None:
        super().__init__()
        self._prefixes = prefixes

    def __missing__(self, name: str) -> str:
        namespace, _, local = name.rpartition(" ")
        short = self._prefixes.get(namespace, "?:" if namespace else "") + local
        self[name] = short
        return short


def _refuse(*_: object) -> None:
    raise damaged("it declares a document type, as no workbook does")


def _ignore(*_: object) -> None:
    pass

"""The products of a request, one by one out of one long answer: a million of them need no memory (pure)."""

import codecs
import json
from collections.abc import Iterator
from urllib.parse import quote

from pixmill.errors import NotPixmillError, PixmillError, UnreachableError
from pixmill.flows.calling import opened
from pixmill.flows.effects import Call, Emit, Flow, Pause, Read
from pixmill.patience import Patience
from pixmill.records import NOT_SO, Json, Product

_BEGIN = '"products":['
_DECODER = json.JSONDecoder()


def all_products(request_id: str, patience: Patience) -> Flow[None]:
    """Emits each in the order of the file. An answer that breaks off is asked for again and gone on with."""
    told, failures = 0, 0
    while True:
        items, came = _Items(), 0
        yield from opened(Call("GET", f"/api/status/{quote(request_id.strip(), safe='')}"), patience)
        try:
            while chunk := (yield Read()):
                for item in items.feed(chunk):
                    came += 1
                    if came > told:
                        told, failures = came, 0
                        yield Emit(Product.from_json(item))
        except UnreachableError as failure:
            failures += 1
            if failures >= patience.tries:
                raise
            yield Pause(patience.pause_seconds(failures, None), failure)
            continue
        except NOT_SO as error:
            raise NotPixmillError(
                "What answers there is not Pixmill: it sends no list of products."
            ) from error
        if not items.ended:
            raise PixmillError("The list of products broke off in the middle.")
        return


class _Items:
    """The objects of the array `products` at the end of a JSON object, as soon as they are whole."""

    def __init__(self) -> None:
        self.ended = False
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._begun = False

    def feed(self, more: bytes) -> Iterator[Json]:
        self._text += self._decoder.decode(more)
        if not self._begun:
            _, begin, rest = self._text.partition(_BEGIN)
            self._begun = bool(begin)
            self._text = rest if begin else self._text
        place = 0
        while self._begun and not self.ended:
            place = _past_commas(self._text, place)
            if self._text[place : place + 1] == "]":
                self.ended = True
                break
            try:
                item, place = _DECODER.raw_decode(self._text, place)
            except ValueError:  # not whole yet
                break
            yield item
        if self._begun:
            self._text = self._text[place:]


def _past_commas(text: str, place: int) -> int:
    while text[place : place + 1] in (",", " ", "\n"):
        place += 1
    return place

"""Which bytes of a connection are of the one answer that was asked for (pure): its head, of which only the
needed lines are left, and its body. What comes behind is noted, and is nobody's. It knows no meaning of an
answer.
"""

import re

from shared.outbound.answer_body import AnswerBody, body_of
from shared.outbound.needed_lines import needed_lines

HEAD_BYTES = 256 * 1024  # as browsers take it: some hosts send ten kilobytes of a policy with each picture
MAX_INTERIM_ANSWERS = 100  # each costs the event loop

_BEGIN = b"HTTP/"
_INTERIM = re.compile(rb"HTTP/1\.\d 1(?!01)")  # the answer itself is still to come
_END = re.compile(rb"\n\r?\n")
_LONGEST_BEGIN_OF_AN_END = len(b"\n\r")
_LINE_ENDS = b"\r\n"


class NoAnswer(Exception):  # noqa: N818 - a fact about the other side, not an error of ours
    """What comes will never be one."""


class Answer:
    """Made when the question is asked; then it is shown whatever comes."""

    def __init__(self) -> None:
        self._come = bytearray()  # until the head is whole
        self._interim_answers = 0
        self._body: AnswerBody | None = None  # from then on
        self.has_more = False  # behind its end

    @property
    def is_over(self) -> bool:
        return self._body is not None and self._body.is_over

    def own(self, data: bytes) -> list[bytes]:
        """What of `data` is the answer's, to be parsed one by one: a head, once it is whole, by itself.
        Empty lines in front and behind are nobody's and do no harm. Raises `NoAnswer`.
        """
        own = []
        if self._body is None:
            head = self._final_head(data)
            if not head:
                return []
            own.append(head)
            self._body = body_of(head)
            data, self._come = bytes(self._come), bytearray()
        size = self._body.size_in(data)
        if size:
            own.append(data[:size])
        self.has_more = self.has_more or data[size:].strip(_LINE_ENDS) != b""
        return own

    def _final_head(self, data: bytes) -> bytes:
        searched = max(0, len(self._come) - _LONGEST_BEGIN_OF_AN_END)
        self._come += data
        head = self._next_head(searched)
        while _INTERIM.match(head):
            self._interim_answers += 1
            if self._interim_answers > MAX_INTERIM_ANSWERS:
                raise NoAnswer("the host says without end that its answer comes")
            head = self._next_head()
        return head

    def _next_head(self, searched: int = 0) -> bytes:
        """Nothing while its end has not come."""
        if self._come[:1] in _LINE_ENDS:
            self._come = self._come.lstrip(_LINE_ENDS)
        come = self._come
        if not _BEGIN.startswith(bytes(come[: len(_BEGIN)]).upper()):
            raise NoAnswer("not HTTP")
        end = _END.search(come, searched)
        size = len(come) if end is None else end.end()
        if size > HEAD_BYTES:
            raise NoAnswer(f"a head of more than {HEAD_BYTES} bytes")
        if end is None:
            return b""
        head = needed_lines(bytes(come[:size]))
        del come[:size]
        return head

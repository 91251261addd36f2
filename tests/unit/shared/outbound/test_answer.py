"""Which bytes are the answer's, by table: wherever they are cut, and whatever comes behind."""

import pytest

from shared.outbound.answer import HEAD_BYTES, MAX_INTERIM_ANSWERS, Answer, NoAnswer

OK = b"HTTP/1.1 200\r\n"
LENGTH = OK + b"content-length: 3\r\n\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"

ENDING = {  # its heads as they come, what is left of them, its body
    "a length": (LENGTH, LENGTH, b"abc"),
    "another version": (b"http/2 200\r\nContent-Length: 3\r\n\r\n", LENGTH.replace(b"1.1", b"1.0"), b"abc"),
    "a body like a head": (LENGTH, LENGTH, b"\r\n\r"),
    "no body": (OK + b"content-length: 0\r\n\r\n", OK + b"content-length: 0\r\n\r\n", b""),
    "a status without a body": (b"HTTP/1.1 204 No\r\nServer: x\r\n\r\n", b"HTTP/1.1 204\r\n\r\n", b""),
    "one that has not changed": (
        b"HTTP/1.1 304 Same\r\nContent-Length: 3\r\n\r\n",
        b"HTTP/1.1 304\r\ncontent-length: 3\r\n\r\n",
        b"",
    ),
    "hints before it": (EARLY + EARLY + LENGTH, LENGTH, b"abc"),
    "empty lines before it": (b"\r\n\n" + LENGTH, LENGTH, b"abc"),
    "lines without a return": (b"HTTP/1.1 200 OK\nContent-Length: 3\n\n", LENGTH, b"abc"),
    "no chunk": (CHUNKED, CHUNKED, b"0\r\n\r\n"),
    "two chunks": (CHUNKED, CHUNKED, b"3\r\nabc\r\nb\r\n0\r\n\r\n0\r\n\r\n.\r\n0\r\n\r\n"),
    "what is said of a chunk": (CHUNKED, CHUNKED, b"003 ;a=b;c\r\nabc\r\n00;d\r\nX-Sum: 1\r\nY: 2\r\n\r\n"),
    "a long word about a chunk": (CHUNKED, CHUNKED, b"A;" + b"a" * 99 + b"\r\n0123456789\r\n0\r\n\r\n"),
    "chunks without a return": (CHUNKED, CHUNKED, b"3\nabc\n0\nX: 1\n\n"),
}
BEHIND = [LENGTH + b"old", LENGTH, OK, b"H", b"old", b"\r\n\r\nold", EARLY, b"0\r\n\r\n"]


@pytest.mark.parametrize("name", ENDING)
def test_an_answer_is_whole_wherever_it_is_cut(name: str) -> None:
    heads, needed, body = ENDING[name]
    whole = heads + body
    for cut in range(1, len(whole)):
        answer = Answer()
        first = answer.own(whole[:cut])
        assert not answer.is_over
        own = [*first, *answer.own(whole[cut:])]
        assert (own[0], b"".join(own[1:])) == (needed, body)
        assert (answer.is_over, answer.has_more) == (True, False)


@pytest.mark.parametrize("name", ENDING)
def test_an_answer_is_whole_byte_by_byte(name: str) -> None:
    heads, needed, body = ENDING[name]
    answer = Answer()
    own = [piece for byte in heads + body for piece in answer.own(bytes([byte]))]
    assert (own[0], b"".join(own[1:])) == (needed, body)
    assert (answer.is_over, answer.has_more) == (True, False)


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("name", ENDING)
def test_what_comes_behind_is_not_its_own(name: str, behind: bytes) -> None:
    """In one piece with its end, as a piece of its own, and wherever else it is cut."""
    heads, needed, body = ENDING[name]
    whole = heads + body + behind
    for cut in range(len(whole) + 1):
        answer = Answer()
        own = answer.own(whole[:cut]) + answer.own(whole[cut:])
        assert b"".join(own) == needed + body
        assert (answer.is_over, answer.has_more) == (True, True)


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("name", ENDING)
def test_what_comes_behind_an_answer_in_two_pieces_is_not_its_own(name: str, behind: bytes) -> None:
    """As over a connection that rests."""
    heads, needed, body = ENDING[name]
    whole = heads + body
    for cut in range(len(whole)):
        answer = Answer()
        own = answer.own(whole[:cut]) + answer.own(whole[cut:]) + answer.own(behind) + answer.own(behind)
        assert b"".join(own) == needed + body
        assert (answer.is_over, answer.has_more) == (True, True)


@pytest.mark.parametrize("name", ENDING)
def test_empty_lines_behind_are_nobodys_and_do_no_harm(name: str) -> None:
    heads, needed, body = ENDING[name]
    answer = Answer()
    assert b"".join(answer.own(heads + body + b"\r\n\n") + answer.own(b"\r\n")) == needed + body
    assert (answer.is_over, answer.has_more) == (True, False)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (OK + b"\r\n", b"abc"),
        (OK + b"content-length: 3, 4\r\n\r\n", b"abc"),
        (LENGTH, b"ab"),
        (CHUNKED, b"3\r\nabc\r\n"),
        (CHUNKED, b"no size\r\n0\r\n\r\n"),
        (CHUNKED, b"f" * 20 + b"\r\n0\r\n\r\n"),
        (CHUNKED, b"0\r\nX: 1\r\n"),
    ],
)
def test_where_no_end_has_come_everything_is_its_own(head: bytes, body: bytes) -> None:
    """Who parses it sees what is wrong, or the end of the connection."""
    answer = Answer()
    assert answer.own(head + body) == [head, body]
    assert (answer.is_over, answer.has_more) == (False, False)


def test_a_length_of_thousands_of_digits_is_one() -> None:
    answer = Answer()
    answer.own(OK + b"Content-Length: " + b"0" * 5_000 + b"3\r\n\r\nabc")
    assert answer.is_over


@pytest.mark.parametrize(
    ("pieces", "why"),
    [
        ([b"SSH-2.0\r\n"], "not HTTP"),
        ([b"<html>"], "not HTTP"),
        ([b"HTTP", b"S"], "not HTTP"),
        ([OK + b"X: " + b"a" * HEAD_BYTES], "a head of more than"),
        ([OK, b"X: " + b"a" * HEAD_BYTES + b"\r\n\r\n"], "a head of more than"),
        ([EARLY * MAX_INTERIM_ANSWERS, EARLY], "without end"),
    ],
)
def test_what_will_never_be_an_answer_is_told(pieces: list[bytes], why: str) -> None:
    answer = Answer()
    assert [answer.own(piece) for piece in pieces[:-1]] == [[]] * (len(pieces) - 1)
    with pytest.raises(NoAnswer, match=why):
        answer.own(pieces[-1])

"""What is kept of a receiver's answer: its beginning, printable, and none of the URL's secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.excerpt import KEPT_BYTES, excerpt


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (b"", ""),
        (b'{"ok": true}', '{"ok": true}'),
        ("Grüße ✓".encode(), "Grüße ✓"),
        (b"line\r\nline\ttab", "line\\r\\nline\\ttab"),
        (b"\x00\x1b[31mred\x7f", "\\x00\\x1b[31mred\\x7f"),
        ("\u202egnp.exe\u2028".encode(), "\\u202egnp.exe\\u2028"),
        (b"\xff\xfe", "��"),
        (b"x" * 2_000, "x" * KEPT_BYTES),
        ("é".encode() * 2_000, "é" * (KEPT_BYTES // 2)),
        (b"x" + "é".encode() * 2_000, "x" + "é" * (KEPT_BYTES // 2 - 1)),
    ],
)
def test_an_answer_is_kept_as_harmless_text(answer: bytes, kept: str) -> None:
    """R17, R20."""
    assert excerpt(answer, []) == kept


def test_an_echoed_secret_is_blotted_out_also_where_the_cut_would_split_it() -> None:
    answer = b"Cannot POST /hook?token=CANARY" + b"x" * (KEPT_BYTES - 33) + b"CANARY-AGAIN"
    kept = excerpt(answer, ["token=CANARY", "CANARY"])
    assert kept.startswith("Cannot POST /hook?[redacted]xxx")
    assert "CAN" not in kept.removeprefix("Cannot").replace("CANNOT", "")


@given(answer=st.binary(max_size=3_000))
def test_whatever_a_receiver_sends_is_printable_and_bounded(answer: bytes) -> None:
    kept = excerpt(answer, [])
    assert kept.isprintable()
    assert len(kept) <= KEPT_BYTES * 10

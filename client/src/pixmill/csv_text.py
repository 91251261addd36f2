"""The text of a CSV for Python's reader of them, whatever is long in it."""

import csv
import io


def csv_text(content: bytes) -> io.StringIO:
    """Lifts the reader's bound on a cell, which a thousand addresses exceed, for the whole process."""
    text = content.decode("utf-8-sig", "replace")
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    return io.StringIO(text, newline="")

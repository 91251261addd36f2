"""Judges one row after the other by what the header says. It knows no file and no encoding."""

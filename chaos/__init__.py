"""Breaks Pixmill on purpose, and counts what held."""

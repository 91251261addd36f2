"""The statements of queries.sql, by name."""

from pathlib import Path

from services.status.queries import load

SQL = load(Path(__file__).with_name("queries.sql"))

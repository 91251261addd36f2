"""Reads what is left of a run, from database, store, topics and logs, past Pixmill. It judges nothing."""

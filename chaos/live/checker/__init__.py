"""Judges a run from its journal and from what database, store and topics hold at the end, and from nothing
else. It imports no service: what it takes for right is written down here once more.
"""

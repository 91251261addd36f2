"""Bytes to smaller bytes (pure). It runs in the children and knows no network and no loop."""

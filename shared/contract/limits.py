"""Bounds that more than one service keeps (pure)."""

MAX_URL_CHARACTERS = 2_048  # of an image's address and of a webhook's

"""API keys as they may stand in a header (pure)."""


def usable_key(text: str | None) -> str | None:
    """Without the line end of the file that it was read from. Raises ValueError, which never shows it."""
    key = (text or "").strip()
    if not key.isprintable():
        raise ValueError("The API key holds a line break or another character that no key has.")
    return key or None

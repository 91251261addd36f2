"""A PNG by its chunks: its packed pixels, what may be left out of it, how it is completed (pure)."""

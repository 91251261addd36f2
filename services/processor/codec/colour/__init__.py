"""Which colours a picture means, and which few stand for all of them (pure)."""

"""Pages for people at the addresses of problem types: HTML that loads nothing (pure, but for its routes)."""

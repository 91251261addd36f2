"""A step that succeeds."""

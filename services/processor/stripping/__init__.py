"""Metadata off, pixels untouched (pure). It decodes nothing."""

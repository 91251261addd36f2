"""Spans around handlers and uploads, only where traces are wanted. It changes nothing that it wraps."""

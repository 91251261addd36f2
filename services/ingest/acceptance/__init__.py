"""Stored, once, and announced. It knows no HTTP and no form."""

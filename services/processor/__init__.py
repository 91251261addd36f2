"""Fetches, compresses and stores one image at a time. It remembers nothing, and knows no request whole."""

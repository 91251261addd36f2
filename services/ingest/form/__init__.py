"""Reads the multipart form and its options. It knows nothing of rows."""

"""The whole API, status's own part and ingest's, as one document and as a page to read."""

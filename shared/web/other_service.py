"""Says whose a call is that came to the wrong one of ingest and status (pure). Behind a gateway none does."""

_UPLOADS = frozenset({"/v1/requests", "/v1/validate", "/upload", "/upload/", "/api/upload", "/api/upload/"})
_HELP_FOR_UPLOADS = frozenset({"/v1/template.csv", "/v1/webhooks/secret"})
_READ_AND_CHANGED = ("/v1/", "/status/", "/download/", "/api/status/", "/api/download/")


def belongs_to_ingest(method: str, path: str) -> str | None:
    """What to tell whoever asked status for this, as a sentence."""
    if (method == "POST" and path in _UPLOADS) or (method in {"GET", "HEAD"} and path in _HELP_FOR_UPLOADS):
        return "This is the status service; uploads and what they need are the ingest service's."
    return None


def belongs_to_status(method: str, path: str) -> str | None:
    """What to tell whoever asked ingest for this, as a sentence."""
    is_list = path == "/v1/requests" and method in {"GET", "HEAD"}
    is_below = path.startswith(_READ_AND_CHANGED) and path not in _UPLOADS | _HELP_FOR_UPLOADS
    if is_list or is_below:
        return "This is the ingest service; requests and their files are the status service's."
    return None

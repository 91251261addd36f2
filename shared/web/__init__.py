"""Serving callers: keys, quotas, problems, connections, logs of calls. It knows no endpoint."""

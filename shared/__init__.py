"""The contract between the services and the mechanisms each of them uses. It imports no service."""

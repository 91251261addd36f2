"""What is asked of the server, and in which order. It does no network IO itself: a shell runs it."""

"""One member of a consumer group, from its first connection to its last commit. It reads no message."""

"""What services agree on: events, topics, groups, codes, keys (pure). It opens no connection."""

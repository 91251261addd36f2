"""Posts signed webhooks. It remembers nothing and decides nothing of when to try again."""

"""Posts signed webhooks. It remembers nothing, and does not decide when to try again."""

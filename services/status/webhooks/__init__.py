"""Announcing ends and following deliveries. It knows no image and never posts: the notifier does."""

"""How much is let in at once. It knows nothing of what is in a form."""

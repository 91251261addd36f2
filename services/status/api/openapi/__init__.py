"""What the API says of itself: examples made by the code that answers, and the schemas they obey."""

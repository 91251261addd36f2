"""Children that decode, and whose turn it is. It knows no URL, no store and no format."""

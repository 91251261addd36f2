"""Children that decode, and the queue before them. It knows no URL and no store."""

"""Takes uploads: judges a CSV, stores it, announces it. It fetches no image and knows no database."""

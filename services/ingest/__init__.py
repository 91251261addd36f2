"""Lets in: takes a CSV, judges it, stores it, announces it. It fetches no image and knows no database."""

"""The images of a request as one ZIP: its records and the names in it. It reads no image."""

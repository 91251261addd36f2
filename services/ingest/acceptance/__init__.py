"""Stores an upload, once, and announces it. It reads neither a form nor a CSV, and no header."""

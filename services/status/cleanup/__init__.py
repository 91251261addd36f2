"""Removing rows and files that belong to nobody. It ends and changes no request."""

"""The periods of rows, and removing rows and files that belong to nobody. It ends and changes no request."""

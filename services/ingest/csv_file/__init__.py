"""Reads, judges and marks a CSV as people send it (pure but for its spools). It knows no HTTP and no form."""

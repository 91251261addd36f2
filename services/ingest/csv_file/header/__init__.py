"""Finds the header of a file and reads which columns it names. It judges no row."""

"""Ends or freezes a service at a named point of its work. The services know nothing of it: a launcher wraps
their functions from outside.
"""

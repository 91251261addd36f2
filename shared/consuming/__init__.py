"""The runner, what it does with a failing message, and its ports. It knows no client library and no topic
by name.
"""

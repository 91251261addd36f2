"""A request's life: accepted, planned, changed, ended. It knows no HTTP and nothing of how images are
dispatched.
"""

"""Fetches, compresses and stores one image at a time. It keeps no state and never sees a whole request."""

"""Which images are asked for next, how many at once, and by which message. It settles nothing."""

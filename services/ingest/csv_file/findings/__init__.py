"""Says what was noticed in a file as a whole, in words for whoever sent it. It decides nothing."""

"""From JPEG to JPEG by the shortest way, and what a JPEG's markers say (pure)."""

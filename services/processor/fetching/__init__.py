"""From URL to bytes. It looks into no picture."""

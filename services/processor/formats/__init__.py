"""What a file is, told by its first bytes (pure). It decodes nothing and knows no codec."""

"""The image URLs of a cell: which there are, what is wrong with one, what helps. It resolves no name."""

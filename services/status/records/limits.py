"""How much of a request is in memory at a time, for each job and for each answer that is being made (pure). A
row of a CSV may have 12 million characters and a product 1,000 images: counting rows would bound nothing.
"""

PAGE_BYTES = 1024 * 1024
"""Of products and images that are read, rendered and written in one go; one product at least, whatever it
weighs.
"""
MOST_LARGE_ROWS = 1
"""In memory at a time, of those that weigh more than a page, whoever reads them."""
IMAGE_BYTES = 512
"""What an image weighs besides its addresses."""

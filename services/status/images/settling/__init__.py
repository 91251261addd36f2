"""What answers, losses and repeats mean for the rows of images and requests. It asks for no image."""

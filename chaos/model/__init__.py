"""Lives of an image and of a delivery, explored in every order up to a stated depth (pure)."""

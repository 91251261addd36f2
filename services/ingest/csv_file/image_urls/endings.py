"""How the names of images' files end, in one list for all who tell an image by its address (pure)."""

from shared.contract.picture_formats import PictureFormat

# Other names of the same formats, and formats that are no picture to us: each such file is answered by name.
_FURTHER = ("jpeg", "jfif", "tif", "heic", "heif", "svg", "jxl")
_NAMES = (*(each.extension for each in PictureFormat), *_FURTHER)

IMAGE_ENDINGS = tuple(f".{name}" for name in _NAMES)
IMAGE_ENDING = rf"\.(?:{'|'.join(_NAMES)})"  # a pattern, to be read without regard to case

"""The one list of formats that images are read in, stored in and served as."""

from enum import StrEnum


class PictureFormat(StrEnum):
    """The values are the names that people see."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    GIF = "gif"
    BMP = "bmp"
    TIFF = "tiff"
    AVIF = "avif"

    @property
    def extension(self) -> str:
        """Of the file in the store."""
        return "jpg" if self is PictureFormat.JPEG else self.value

    @property
    def media_type(self) -> str:
        return f"image/{self.value}"

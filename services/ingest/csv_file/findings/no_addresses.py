"""Says why no image of a whole export can be fetched, in the words of the program that wrote it (pure)."""

import re
from typing import TypedDict

from services.ingest.csv_file.header.column_names import plain
from services.ingest.csv_file.header.columns import Header
from services.ingest.csv_file.image_urls.hints import url_hint
from services.ingest.csv_file.verdicts import CellError, ErrorCode, shown_value

SHOWN_CHARACTERS = 100

_FIRST_OF_LIST = re.compile(r"[;,|]")
_WIX_FOLDER = "https://static.wixstatic.com/media/"
_WIX = re.compile(r"(?:wix:image://v1/)?([0-9a-z]{4,8}_[0-9a-f]{32}[^\s/]*)\S*", re.IGNORECASE)
_PATH = re.compile(r"(?!www\.)/?[^\s:/?#\\]+(?:/[^\s:/?#\\]+)*\.\w{2,5}")
_OPENCART = re.compile(r"catalog/(?!product/)")
_MAGENTO = ("baseimage", "smallimage", "thumbnailimage", "swatchimage", "additionalimages")


class _Said(TypedDict):
    problem: str
    advice: str


def no_addresses(header: Header, first: CellError | None) -> CellError:
    """`first` is the first wrong address; None where the columns of images are empty."""
    if first is not None:
        return first._replace(**_no_address(first.value or "", first.column or ""))
    if header.file_name is not None:
        index, name = header.file_name
        column, value = header.name(index), shown_value(name)
        return CellError(column=column, value=value, code=ErrorCode.INVALID_URL, **_no_address(value, column))
    column = header.name(header.image_urls[0])
    return CellError(
        column=column,
        code=ErrorCode.MISSING_URL,
        problem=f"No row has an image address in the column '{shown_value(column)}'",
        advice="Export the products with their images, or name their column in the field 'columns'.",
    )


def _no_address(cell: str, column: str) -> _Said:
    value = _FIRST_OF_LIST.split(cell)[0][:SHOWN_CHARACTERS]
    advice = _advice(value, column)
    return _Said(
        problem=f"'{value}' is not a web address, nor is any in the column '{column}': {advice}",
        advice=f"{advice[0].upper()}{advice[1:]}.",
    )


def _advice(value: str, column: str) -> str:
    wix = _WIX.fullmatch(value)
    if wix is not None:
        return f"put {_WIX_FOLDER} in front of each, as in {_WIX_FOLDER}{wix[1]}"
    if _PATH.fullmatch(value):
        path = value.removeprefix("/")
        shown = f"https://shop.example/{_folder(path, column)}{path}"
        return f"put the address under which your shop shows its images in front of each, as in {shown}"
    hint = url_hint(value).removesuffix(".")
    return f"{hint[0].lower()}{hint[1:]}"


def _folder(path: str, column: str) -> str:
    """In which these programs keep what their paths begin in."""
    if _OPENCART.match(path):
        return "image/"
    return "media/catalog/product/" if plain(column) in _MAGENTO else ""

"""Renders two CSVs of an ended request (pure): the output with what happened to each image, and the rows that
failed, which can be uploaded again as they are.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

from services.status.records.request import EndedImage, UploadedProduct
from services.status.rendering.output_csv import OUTPUT_COLUMN, fitted, joined
from shared.contract.codes import FailureCode, Fixer, Meaning, hint_of, meaning_of
from shared.contract.csv_files import MARK_COLUMNS, unmarked

EXTENDED_COLUMNS = ("State", "Code", "Bytes")
NAMED_IMAGES = 5

SUGGESTIONS: Mapping[Fixer, str] = {
    Fixer.UPLOADER: "Put another image address into this row, then upload it again.",
    Fixer.ORIGIN: "Check that the address shows an image to everyone, then upload this row again.",
    Fixer.OPERATOR: "Upload this row again; tell the operator if it fails again.",
}
TRANSIENT_SUGGESTION = "It may have been for a moment only: upload this row again."


def extended_header(columns: Sequence[str]) -> list[str]:
    return [*columns, OUTPUT_COLUMN, *EXTENDED_COLUMNS]


def extended_row(columns: Sequence[str], product: UploadedProduct, images: Sequence[EndedImage]) -> list[str]:
    """Each image has its place in every one of the added cells."""
    return [
        *fitted(product.cells, len(columns)),
        joined(image.output_url for image in images),
        ",".join(image.state for image in images),
        ",".join(image.code or "" for image in images),
        ",".join("" if image.bytes_out is None else str(image.bytes_out) for image in images),
    ]


def failed_header(columns: Sequence[str]) -> list[str]:
    return [*unmarked(columns), *MARK_COLUMNS]


def failed_row(columns: Sequence[str], product: UploadedProduct, failed: Sequence[EndedImage]) -> list[str]:
    """The row as it was uploaded, with what went wrong and what can be done."""
    return [*fitted(product.cells, len(unmarked(columns))), _error(product, failed), _suggestion(failed)]


def _error(product: UploadedProduct, failed: Sequence[EndedImage]) -> str:
    """One sentence a reason. It names the images by their places: addresses could fill the cell."""
    by_reason = sorted(failed, key=lambda image: (_reason(image), image.ordinal))
    return " ".join(
        _sentence(reason, [image.ordinal - product.first_ordinal + 1 for image in images], product)
        for reason, images in groupby(by_reason, key=_reason)
    )


def _reason(image: EndedImage) -> str:
    code = image.code or FailureCode.INTERNAL
    return f"{code}: {hint_of(code, image.detail)}"


def _sentence(told: str, places: Sequence[int], product: UploadedProduct) -> str:
    if product.images == 1:
        return told
    more = len(places) - NAMED_IMAGES
    named = ", ".join(map(str, places[:NAMED_IMAGES])) + (f" and {more} more" if more > 0 else "")
    return f"Image {named} of {product.images}: {told}"


def _suggestion(failed: Sequence[EndedImage]) -> str:
    wanted = dict.fromkeys(_advice(_meaning(image)) for image in failed)
    return " ".join(wanted)


def _meaning(image: EndedImage) -> Meaning:
    return meaning_of(image.code or FailureCode.INTERNAL)


def _advice(meaning: Meaning) -> str:
    return TRANSIENT_SUGGESTION if meaning.retryable else SUGGESTIONS[meaning.fixer]

"""Which names to put above a table whose first row is a product already (pure)."""

from collections.abc import Iterator, Sequence

from services.ingest.csv_file.header.column_names import NeededColumn
from services.ingest.csv_file.image_urls.cell import begins_address, is_image_address
from services.ingest.csv_file.serial_numbers import WHOLE_NUMBER

MOST_NAMED = 12  # columns; more nobody reads

WHOLE = tuple(NeededColumn)
_IMAGE_URL = "Image URL"  # such a list may do without the other two


def names_above(cells: Sequence[str]) -> Sequence[str]:
    """With these above it the table is read."""
    if len(cells) > MOST_NAMED:
        return WHOLE
    named = tuple(_names([cell.strip() for cell in cells]))
    return WHOLE if named == (*WHOLE[:2], _IMAGE_URL) else named


def _names(cells: Sequence[str]) -> Iterator[str]:
    is_image = is_image_address if any(map(is_image_address, cells)) else begins_address
    number = next((cell for cell in cells if WHOLE_NUMBER.fullmatch(cell)), None)
    texts = (cell for cell in cells if cell and not WHOLE_NUMBER.fullmatch(cell) and not begins_address(cell))
    left = {NeededColumn.SERIAL_NUMBER: number, NeededColumn.PRODUCT_NAME: next(texts, None)}
    images = 0
    for place, cell in enumerate(cells, 1):
        meant = next((name for name, value in left.items() if value is not None and value == cell), None)
        if is_image(cell):
            images += 1
            yield _IMAGE_URL if images == 1 else f"{_IMAGE_URL} {images}"
        elif meant is not None:
            del left[meant]
            yield meant
        else:
            yield f"Column {place}"

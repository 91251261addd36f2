"""Which columns the caller says are the needed ones, by their names (pure). What is not said is found."""

from dataclasses import dataclass

from services.ingest.csv_file.header.column_names import NeededColumn


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    serial_number: str | None = None
    product_name: str | None = None
    image_urls: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        one_each = (name for name in (self.serial_number, self.product_name) if name is not None)
        return (*one_each, *self.image_urls)

    @property
    def said(self) -> frozenset[NeededColumn]:
        """Those of which something is said."""
        each = {
            NeededColumn.SERIAL_NUMBER: self.serial_number,
            NeededColumn.PRODUCT_NAME: self.product_name,
            NeededColumn.IMAGE_URLS: self.image_urls or None,
        }
        return frozenset(needed for needed, name in each.items() if name is not None)


NOTHING_SAID = ColumnChoice()

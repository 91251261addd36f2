"""Which columns the caller says are the needed ones, by their names (pure). What is not said is found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    serial_number: str | None = None
    product_name: str | None = None
    image_urls: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        one_each = (name for name in (self.serial_number, self.product_name) if name is not None)
        return (*one_each, *self.image_urls)


NOTHING_SAID = ColumnChoice()

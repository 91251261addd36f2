"""How much of a workbook has been read: of all its parts together, or many would be let in for one (pure)."""

from dataclasses import dataclass

from services.ingest.workbook.limits import WorkbookLimits


@dataclass(slots=True)
class Budget:
    limits: WorkbookLimits
    bytes_read: int = 0
    elements_read: int = 0

    def count_bytes(self, more: int) -> None:
        self.bytes_read += more
        if self.bytes_read > self.limits.unpacked_bytes:
            raise self.limits.too_large()

    def count_elements(self, more: int) -> None:
        self.elements_read += more
        if self.elements_read > self.limits.elements:
            raise self.limits.too_many_elements()

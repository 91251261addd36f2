"""Addresses of what a caller may fetch (pure): from PUBLIC_URL and PUBLIC_FILES_URL, or without a host."""

from dataclasses import dataclass
from uuid import UUID

FAILURES = "/failures/"  # of each failure code there is a page


@dataclass(frozen=True, slots=True)
class Links:
    """Where requests, originals and outputs are found."""

    public_url: str
    public_files_url: str | None = None  # a public bucket; without one this service streams the outputs

    def request(self, request_id: UUID, part: str = "") -> str:
        return f"{self.public_url}/v1/requests/{request_id}{part}"

    def products(self, request_id: UUID) -> str:
        """All products of a request, however many: the camel spelling shows them whole."""
        return f"{self.public_url}/api/status/{request_id}"

    def failure(self, code: str) -> str:
        return f"{self.public_url}{FAILURES}{code}"

    def original(self, key: str) -> str:
        """Never from a public bucket: an original needs the key."""
        return f"{self.public_url}/v1/files/{key}"

    def output(self, key: str) -> str:
        return f"{self.public_files_url or f'{self.public_url}/v1/files'}/{key}"


def download_path(request_id: UUID) -> str:
    """The output CSV as the snake spelling names it, without a host."""
    return f"/download/{request_id}"

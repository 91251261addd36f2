"""The settings of the ingest service."""

from typing import Annotated

from pydantic import Field

from services.ingest.csv_file.limits import CsvLimits
from services.ingest.form.reader import FormLimits
from services.ingest.workbook.limits import WorkbookLimits
from shared.settings import COUNTABLE, AllowedNetworks, Seconds, SecretKeys, TargetKeys
from shared.web.settings import ApiSettings


class Settings(ApiSettings):
    allow_hosts: AllowedNetworks = ()
    """Networks (CIDRs) besides the public internet that webhooks may lead to."""
    target_keys: TargetKeys
    """Fernet keys that encrypt webhook targets, newest first; the same as of the notifier."""
    webhook_master_keys: Annotated[SecretKeys, Field(min_length=1)]
    """Secrets from which signing secrets are derived, newest first; the same as of the notifier."""

    max_file_bytes: int = Field(default=500_000_000, ge=1, le=COUNTABLE)
    """The largest CSV."""
    max_rows: int = Field(default=1_000_000, ge=1, le=COUNTABLE)
    """The most rows in one CSV, blank ones not counted."""
    max_images: int = Field(default=2_000_000, ge=1, le=COUNTABLE)
    """The most images in one CSV; less than a tenant's share of status's MAX_BACKLOG_IMAGES."""
    max_columns: int = Field(default=1_000, ge=3, le=COUNTABLE)
    """The most columns."""
    max_urls_per_row: int = Field(default=1_000, ge=1, le=COUNTABLE)
    """The most image URLs in one row."""
    max_cell_characters: int = Field(default=3_000_000, ge=100, le=COUNTABLE - 1)  # one more is read
    """The longest cell, and the longest line."""
    max_row_characters: int = Field(default=12_000_000, ge=100, le=COUNTABLE)
    """The longest row; a quoted line break lets it be longer than any line."""
    max_waiting_requests: int = Field(default=1_000, ge=0, le=COUNTABLE)
    """Above so many requests that status has not taken yet, uploads are answered 503 queue-full."""
    max_uploads: int = Field(default=128, ge=1, le=COUNTABLE)
    """Read at a time. A tenant may begin one while fewer of its own are under way than places are free: so it
    has half of them at most.
    """
    max_disk_bytes: int = Field(default=36_000_000_000, ge=1, le=COUNTABLE)
    """What all uploads under way may hold in the temporary folder. Each takes five times its size before it
    is read; beyond, it is answered 503, and 429 while its tenant holds as much as is free.
    """
    silence_seconds: Seconds = 30
    """An upload may send next to nothing (16 KiB) for so long."""
    upload_seconds: Seconds = 900
    """An upload may take so long altogether."""
    requests_per_minute: int = Field(default=3_000, ge=0, le=COUNTABLE)
    """Calls of one tenant to one process; 0: no limit."""
    rows_per_minute: int = Field(default=10_000_000, ge=0, le=COUNTABLE)
    """Rows that one tenant may send to one process; 0: no limit."""
    bytes_per_minute: int = Field(default=10_000_000_000, ge=0, le=COUNTABLE)
    """Bytes that one tenant may send to one process; 0: no limit."""

    def form_limits(self) -> FormLimits:
        return FormLimits(
            file_bytes=self.max_file_bytes,
            silence_seconds=self.silence_seconds,
            total_seconds=self.upload_seconds,
        )

    def workbook_limits(self) -> WorkbookLimits:
        return WorkbookLimits(csv=self.csv_limits(), csv_bytes=self.max_file_bytes)

    def csv_limits(self) -> CsvLimits:
        return CsvLimits(
            rows=self.max_rows,
            images=self.max_images,
            columns=self.max_columns,
            urls_per_row=self.max_urls_per_row,
            cell_characters=self.max_cell_characters,
            row_characters=self.max_row_characters,
        )

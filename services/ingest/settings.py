"""The settings of the ingest service."""

from typing import Annotated

from pydantic import Field

from services.ingest.csv_verdicts import CsvLimits
from shared.api_settings import ApiSettings
from shared.settings import Networks, SecretKeys
from shared.targets import TargetKeys


class Settings(ApiSettings):
    allow_hosts: Networks = ()
    target_keys: TargetKeys
    webhook_master_keys: Annotated[SecretKeys, Field(min_length=1)]

    max_file_bytes: int = Field(default=500_000_000, ge=1)
    max_rows: int = Field(default=1_000_000, ge=1)
    max_columns: int = Field(default=1_000, ge=3)
    max_urls_per_row: int = Field(default=1_000, ge=1)
    max_cell_characters: int = Field(default=3_000_000, ge=100)
    max_row_characters: int = Field(default=12_000_000, ge=100)
    max_waiting_requests: int = Field(default=1_000, ge=0)  # accepted and not yet taken by status
    max_uploads: int = Field(default=64, ge=1)  # at a time; places.py shares them among the tenants
    silence_seconds: float = Field(default=30, gt=0)  # an upload may send next to nothing for so long
    upload_seconds: float = Field(default=900, gt=0)  # and take so long altogether

    # What one tenant may ask of one process; 0 is no limit.
    requests_per_minute: int = Field(default=3_000, ge=0)
    rows_per_minute: int = Field(default=10_000_000, ge=0)
    bytes_per_minute: int = Field(default=10_000_000_000, ge=0)

    def csv_limits(self) -> CsvLimits:
        return CsvLimits(
            rows=self.max_rows,
            columns=self.max_columns,
            urls_per_row=self.max_urls_per_row,
            cell_characters=self.max_cell_characters,
            row_characters=self.max_row_characters,
        )

"""The status service's settings. It reads nothing but the environment, through `shared.settings`."""

from pydantic import Field, field_validator

from shared.settings import COUNTABLE, Numbers, Seconds, WebAddress
from shared.web.settings import ApiSettings

POSTGRES_DSN = "POSTGRES_DSN"
POSTGRES_READ_DSN = "POSTGRES_READ_DSN"
DSN = "^postgres(ql)?://"
HUNDRED_YEARS_IN_DAYS = 36_500


class Settings(ApiSettings):
    postgres_dsn: str = Field(pattern=DSN, repr=False)
    """PostgreSQL: postgresql://user:password@host:port/database."""
    postgres_read_dsn: str | None = Field(default=None, pattern=DSN, repr=False)
    """A standby of it, for what the API reads; empty: the same server."""
    public_files_url: WebAddress | None = None
    """The address of a public bucket or CDN with the files; empty: this service streams them."""

    requests_per_minute: int = Field(default=12_000, ge=0)
    """Calls of one tenant to one process; 0: no limit."""
    webhook_schedule: Numbers = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
    """The wait before each attempt at a webhook, in seconds."""
    request_deadline_seconds: Seconds = 86_400
    """Images still open so long after a run began end as expired."""
    sweep_files: bool = True
    """Whether files that belong to nobody are removed; false: they are only counted."""
    retention_days: float = Field(default=30, ge=0, le=HUNDRED_YEARS_IN_DAYS)
    """How long ended requests and their files are kept; 0: for ever."""
    max_backlog_images: int = Field(default=10_000_000, ge=1, le=COUNTABLE)
    """Above so many open images, accepted uploads wait in Kafka."""
    tenant_backlog_share: float = Field(default=0.25, gt=0, le=1)
    """The part of these that one tenant may have; its uploads beyond are answered 429 too-many-images."""
    completed_body_bytes: int = Field(default=262_144, ge=16_384, le=1_048_576)
    """The largest body of request.completed, products included."""

    @field_validator("webhook_schedule")
    @classmethod
    def _waits(cls, schedule: tuple[float, ...]) -> tuple[float, ...]:
        if not schedule or any(not 0 <= wait <= 7 * 86_400 for wait in schedule):
            raise ValueError("needs one wait in seconds for each attempt, comma-separated")
        return schedule

"""What is logged, as a service would write it."""

from collections.abc import Iterator

import pytest
import structlog
from structlog.testing import LogCapture


@pytest.fixture
def lines() -> Iterator[LogCapture]:
    """Every line that is logged, of each level."""
    capture, before = LogCapture(), structlog.get_config()
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, capture],
        wrapper_class=structlog.make_filtering_bound_logger(0),
        cache_logger_on_first_use=False,
    )
    yield capture
    structlog.configure(**before)

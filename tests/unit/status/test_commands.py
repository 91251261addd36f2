"""What an operator's commands say of an address that they cannot read."""

import pytest

from services.status.commands import migrate_tables
from shared.settings import WrongSetting


@pytest.mark.parametrize(
    ("dsn", "told"),
    [
        ("postgresql://a:secret%@host/db", "POSTGRES_DSN: what migrates cannot read it"),
        ("postgresql://a:b@[::1]secret@host/db", "POSTGRES_DSN: what migrates cannot read it"),
        ("postgresql://a:se%00cret@host/db", "POSTGRES_DSN: what migrates cannot read it"),
        (
            "postgresql://a:secret@host/db?statement_timeout=1",
            'POSTGRES_DSN: what migrates cannot read it: invalid URI query parameter: "statement_timeout"',
        ),
    ],
)
def test_no_part_of_a_password_is_told(dsn: str, told: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        migrate_tables(dsn)
    assert str(refused.value).removeprefix("wrong setting ") == told

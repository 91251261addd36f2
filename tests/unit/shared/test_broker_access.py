"""How the broker is spoken to: as it is, or with a password and TLS, and never with half of it."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.broker_access import BrokerSettings, Mechanism, Protocol, Security
from shared.kafka.connection import security_options

LOGIN = {"kafka_sasl_username": "ingest", "kafka_sasl_password": "CANARY"}


def settings(**given: str) -> BrokerSettings:
    return BrokerSettings.model_validate({"kafka_bootstrap": "kafka:9092", **given})


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in BrokerSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_a_word_the_broker_is_spoken_to_as_it_is() -> None:
    assert settings().kafka_security() == Security()
    assert security_options(Security())["security_protocol"] == "PLAINTEXT"


def test_a_password_and_tls_reach_the_client_and_nothing_that_is_printed() -> None:
    """R20."""
    given = settings(kafka_security_protocol="SASL_SSL", **LOGIN)
    security = given.kafka_security()
    assert (security.protocol, security.mechanism) == (Protocol.SASL_SSL, Mechanism.SCRAM_SHA_512)
    options = security_options(security)
    assert options["sasl_plain_password"] == "CANARY"
    assert options["ssl_context"].check_hostname
    assert "CANARY" not in f"{given!r} {security!r}"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (LOGIN, "need KAFKA_SECURITY_PROTOCOL=SASL_SSL"),
        ({"kafka_security_protocol": "SSL", **LOGIN}, "need KAFKA_SECURITY_PROTOCOL=SASL_SSL"),
        ({"kafka_security_protocol": "SASL_SSL"}, "needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"),
        ({"kafka_security_protocol": "SASL_SSL", "kafka_sasl_username": "x"}, "needs KAFKA_SASL_USERNAME"),
        ({"kafka_ca_file": "/etc/ssl/ca.pem"}, "need KAFKA_SECURITY_PROTOCOL=SASL_SSL or SSL"),
        ({"kafka_security_protocol": "SSL", "kafka_ca_file": "/no/such.pem"}, "No such file"),
        ({"kafka_security_protocol": "TLS"}, "Input should be 'PLAINTEXT'"),
        ({"kafka_security_protocol": "SASL_SSL", "kafka_sasl_mechanism": "MD5", **LOGIN}, "Input should be"),
    ],
)
def test_half_a_configuration_is_refused_and_never_an_open_connection(
    given: dict[str, str], problem: str
) -> None:
    """R20."""
    with pytest.raises(ValidationError) as refused:
        settings(**given)
    (error,) = refused.value.errors(include_input=False)
    assert problem in error["msg"]
    assert "CANARY" not in error["msg"]


def test_a_file_that_holds_no_certificate_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "empty.pem"
    file.write_text("none")
    with pytest.raises(ValidationError, match="KAFKA_CA_FILE"):
        settings(kafka_security_protocol="SSL", kafka_ca_file=str(file))

"""The part of our own environment that children get; whatever else one reads is given to it by name."""

import os

PASSED_ON = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",  # of a Python that finds its own library by it
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
)
PASSED_ON_PREFIXES = ("LC_", "SSL_CERT_", "PYTHON", "OTEL_")
OF_THE_STORE = ("AWS_", "STORE_KEYS")
OF_THE_BROKER = ("KAFKA_SECURITY_", "KAFKA_SASL_", "KAFKA_CA_", "KAFKA_CERTIFICATE_", "KAFKA_KEY_")
OF_A_DOWNLOAD = ("REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
OF_A_PROCESSOR = ("CONCURRENCY", "REQUESTS_PER_HOST", "DECODERS")


def plain_environment() -> dict[str, str]:
    return _chosen(PASSED_ON_PREFIXES) | {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def download_environment() -> dict[str, str]:
    """How the internet is reached and believed, also behind a company's proxy."""
    return {name: os.environ[name] for name in OF_A_DOWNLOAD if os.environ.get(name)}


def store_environment() -> dict[str, str]:
    """Credentials and addresses of an S3 store and the keys of a folder, for the services that open it."""
    return _chosen(OF_THE_STORE)


def broker_environment() -> dict[str, str]:
    """How a broker that the person brought is to be spoken to."""
    return _chosen(OF_THE_BROKER)


def processor_environment() -> dict[str, str]:
    """How much a processor does at once; what is not given stays as the service has it."""
    return {name: os.environ[name] for name in OF_A_PROCESSOR if os.environ.get(name)}


def _chosen(prefixes: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(prefixes)}

"""The part of our own environment that children get. Any other variable is given to a child by name."""

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
OF_THE_STORE = ("AWS_", "AZURE_", "GOOGLE_", "STORE_KEYS")
OF_THE_BROKER = ("KAFKA_SECURITY_", "KAFKA_SASL_", "KAFKA_CA_", "KAFKA_CERTIFICATE_", "KAFKA_KEY_")
OF_A_DOWNLOAD = ("REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
OF_A_PROCESSOR = ("CONCURRENCY", "REQUESTS_PER_HOST", "DECODERS", "FETCH_SECONDS")


def plain_environment() -> dict[str, str]:
    return _chosen(PASSED_ON_PREFIXES) | {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def download_environment() -> dict[str, str]:
    """How to reach the internet and whose certificates to believe, also behind a company's proxy."""
    return {name: os.environ[name] for name in OF_A_DOWNLOAD if os.environ.get(name)}


def store_environment() -> dict[str, str]:
    """Credentials and addresses of a bucket and the keys of a folder, for the services that open it."""
    return _chosen(OF_THE_STORE)


def broker_environment() -> dict[str, str]:
    """How to speak to a broker that the person brought."""
    return _chosen(OF_THE_BROKER)


def processor_environment() -> dict[str, str]:
    """How much a processor does at once, how long it waits for a host; what is not set stays as it is."""
    return {name: os.environ[name] for name in OF_A_PROCESSOR if os.environ.get(name)}


def _chosen(prefixes: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(prefixes)}

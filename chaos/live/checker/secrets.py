"""Promises about secrets: what only a tenant or a receiver may know stands in no log, on no topic, in no
table (pure).
"""

from collections.abc import Iterator, Mapping

from chaos.live.checker.evidence import Evidence
from chaos.live.journal import Account


def no_secret_is_kept_or_told(evidence: Evidence) -> Iterator[str]:
    secrets = _secrets(evidence)
    for place, text in evidence.texts.items():
        for name, secret in secrets.items():
            if secret.encode() in text:
                yield f"{name} stands in {place}"
    for message in evidence.messages:
        told = b"\n".join([message.value or b"", *(value or b"" for _, value in message.headers)])
        for name, secret in secrets.items():
            if secret.encode() in told:
                yield f"{name} stands in {message.place}"


def _secrets(evidence: Evidence) -> Mapping[str, str]:
    accounts = evidence.history.of(Account)
    keys = {f"the API key of {account.tenant}": account.api_key for account in accounts}
    signing = {f"the webhook secret of {account.tenant}": account.webhook_secret for account in accounts}
    return {**keys, **signing, **evidence.secrets}

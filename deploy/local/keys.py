"""The secrets of one local stack: random, made once, kept in its data folder for its owner alone."""

import base64
import os
import secrets
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from deploy.local.settings import WrongSetting


class StackKeys(BaseModel):
    """In the form in which the services read them."""

    model_config = ConfigDict(frozen=True)

    stack_id: str  # tells two stacks apart that share one Kafka
    target_keys: str
    webhook_master_keys: str


def kept_keys(file: Path) -> StackKeys:
    """Those in the file, or new ones put there."""
    try:
        return StackKeys.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return _make(file)
    except ValidationError as error:
        # Never replaced: what was encrypted with the old ones would be lost.
        raise WrongSetting(f"{file} does not hold this stack's keys any more") from error


def _make(file: Path) -> StackKeys:
    keys = StackKeys(
        stack_id=secrets.token_hex(4),
        target_keys=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),  # what Fernet takes
        webhook_master_keys=base64.b64encode(secrets.token_bytes(32)).decode(),
    )
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
        new.write(keys.model_dump_json())
        new.flush()
        os.fsync(new.fileno())
    unfinished.replace(file)
    return keys

"""The client of Pixmill: upload a CSV of product images, wait, take what came out.

`Client` and `AsyncClient` do the same. Nothing here connects, reads the environment or keeps state at import.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixmill.async_client import AsyncClient as AsyncClient
    from pixmill.client import Client as Client
    from pixmill.errors import ConflictError as ConflictError
    from pixmill.errors import DamagedFileError as DamagedFileError
    from pixmill.errors import ForgedWebhookError as ForgedWebhookError
    from pixmill.errors import InvalidRequestError as InvalidRequestError
    from pixmill.errors import NotFoundError as NotFoundError
    from pixmill.errors import NotPixmillError as NotPixmillError
    from pixmill.errors import PixmillError as PixmillError
    from pixmill.errors import RateLimitedError as RateLimitedError
    from pixmill.errors import RefusedError as RefusedError
    from pixmill.errors import StillRunningError as StillRunningError
    from pixmill.errors import TooLargeError as TooLargeError
    from pixmill.errors import UnauthorizedError as UnauthorizedError
    from pixmill.errors import UnavailableError as UnavailableError
    from pixmill.errors import UnreachableError as UnreachableError
    from pixmill.judgements import Accepted as Accepted
    from pixmill.judgements import Judgement as Judgement
    from pixmill.judgements import RowError as RowError
    from pixmill.judgements import Warned as Warned
    from pixmill.patience import Patience as Patience
    from pixmill.records import Completion as Completion
    from pixmill.records import Counts as Counts
    from pixmill.records import Delivery as Delivery
    from pixmill.records import Failure as Failure
    from pixmill.records import Image as Image
    from pixmill.records import Product as Product
    from pixmill.records import Request as Request
    from pixmill.records import State as State
    from pixmill.upload import Upload as Upload
    from pixmill.webhooks import verify_webhook as verify_webhook

_HOMES = {
    "pixmill.async_client": ("AsyncClient",),
    "pixmill.client": ("Client",),
    "pixmill.errors": (
        "ConflictError",
        "DamagedFileError",
        "ForgedWebhookError",
        "InvalidRequestError",
        "NotFoundError",
        "NotPixmillError",
        "PixmillError",
        "RateLimitedError",
        "RefusedError",
        "StillRunningError",
        "TooLargeError",
        "UnauthorizedError",
        "UnavailableError",
        "UnreachableError",
    ),
    "pixmill.judgements": ("Accepted", "Judgement", "RowError", "Warned"),
    "pixmill.patience": ("Patience",),
    "pixmill.records": (
        "Completion",
        "Counts",
        "Delivery",
        "Failure",
        "Image",
        "Product",
        "Request",
        "State",
    ),
    "pixmill.upload": ("Upload",),
    "pixmill.webhooks": ("verify_webhook",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__version__ = "1.0.0"
__all__ = ["__version__", *_HOME_OF]  # noqa: PLE0604 - pyright reads the imports above


def __getattr__(name: str) -> object:
    """Imports a name when it is first asked for: the command starts without what it does not need."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'pixmill' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)

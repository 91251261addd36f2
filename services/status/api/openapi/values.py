"""The schemas of values that several spellings share."""

from services.status.rendering.values import CANCELLING
from shared.contract.events import RequestState
from shared.web.openapi.schemas import Json, one_of

STATE = one_of(list(RequestState))
SHOWN_STATE = one_of([*RequestState, CANCELLING])
PERCENT: Json = {"type": "number", "minimum": 0, "maximum": 100}

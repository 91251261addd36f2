"""What each type of problem means and what helps, for the page that its address leads to (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Mender(StrEnum):
    """Who can mend it, as the pages say it."""

    CALLER = "You, in what you send."
    TIME = "It passes by itself."
    OPERATOR = "Whoever runs this Pixmill."
    HOLDER_OF_KEYS = "You, if you have another key; else whoever runs this Pixmill."


@dataclass(frozen=True, slots=True)
class Kind:
    mender: Mender
    meaning: str
    advice: str


_KEY = "The operator issues keys: `python -m services.ingest new-key --help`."
KINDS: Mapping[str, Kind] = {
    "invalid-csv": Kind(
        Mender.CALLER,
        "The file has rows that cannot be accepted, or is no CSV at all. Nothing was accepted.",
        "`errors` names each cell with a hint. Mend them; or send `Accept: text/csv` to get your own"
        " file back with what is wrong beside each row; or say `on_invalid=skip` to leave such rows out.",
    ),
    "invalid-form": Kind(
        Mender.CALLER,
        "A field of the upload's form is missing or has a value that it cannot have.",
        "`field` names it, and `error` says what it may be.",
    ),
    "not-a-form": Kind(
        Mender.CALLER,
        "The upload's body is not a form that holds a file.",
        "Send multipart/form-data with the CSV in a field named `file`, uncompressed:"
        " `curl -F file=@products.csv …/v1/requests`.",
    ),
    "too-large": Kind(
        Mender.CALLER,
        "The file, one of its rows or the call itself is beyond a limit.",
        "`limit` and `maximum` say which, and `row` where. Split the file, or ask for another limit.",
    ),
    "beyond-workbook": Kind(
        Mender.CALLER,
        "The output has more rows than a sheet of Excel, or a cell that is longer than a cell of Excel.",
        "Take `output.csv`, which holds all of it. `limit` and `maximum` say which limit, and `row` where.",
    ),
    "too-slow": Kind(
        Mender.CALLER,
        "The upload brought too little for too long. Nothing was accepted.",
        "Repeat it over a better connection; with the same Idempotency-Key it never becomes two requests.",
    ),
    "too-many-uploads": Kind(
        Mender.TIME,
        "Your own uploads under way hold all the places that others leave for you.",
        "Wait for one of them to be answered, at least for the seconds of `Retry-After`.",
    ),
    "too-many-images": Kind(
        Mender.TIME,
        "As many images of yours are open as one tenant may have beside others. Nothing was accepted.",
        "Come again when some of them are done, at least after the seconds of `Retry-After`.",
    ),
    "too-many-readers": Kind(
        Mender.TIME,
        "Your own downloads, event streams and waiting calls hold all the places that others leave for you.",
        "End one that nobody reads any longer, and come again after the seconds of `Retry-After`.",
    ),
    "rate-limited": Kind(
        Mender.TIME,
        "You have made more calls, or sent more rows or bytes, than your quota of a minute.",
        "Come again after the seconds of `Retry-After`. The `RateLimit` headers tell what is left.",
    ),
    "queue-full": Kind(
        Mender.TIME,
        "More accepted requests wait to be started than the service takes at a time. Nothing was accepted.",
        "Come again after the seconds of `Retry-After`, with the same Idempotency-Key.",
    ),
    "busy": Kind(
        Mender.TIME,
        "All places for calls of this sort are taken, by all callers together.",
        "Come again after the seconds of `Retry-After`.",
    ),
    "unavailable": Kind(
        Mender.TIME,
        "Something that the service needs does not answer, has no room, or the service is being stopped."
        " Whether an upload was accepted is not known.",
        "Repeat the call after the seconds of `Retry-After`; an upload with the same Idempotency-Key, so that"
        " it never becomes two requests. Operators: `/readyz` of the service says what is away.",
    ),
    "invalid-idempotency-key": Kind(
        Mender.CALLER,
        "The header Idempotency-Key is given twice, or is not a key.",
        "Send one, of 1 to 255 printable ASCII characters; a new UUID for each upload is a good one.",
    ),
    "idempotency-key-reused": Kind(
        Mender.CALLER,
        "This Idempotency-Key came before, with another file or other options.",
        "Take a new key for a new upload. Repeat an upload with exactly the same file and options.",
    ),
    "unauthorized": Kind(Mender.HOLDER_OF_KEYS, "The call has no API key, or one that is not known.", _KEY),
    "forbidden": Kind(
        Mender.HOLDER_OF_KEYS,
        "The API key is known, but may not do this.",
        f"`error` names the scope that it lacks. {_KEY}",
    ),
    "not-found": Kind(
        Mender.CALLER,
        "There is nothing at this address for your key: wrong id, deleted, expired, or somebody else's.",
        "An id is what the upload answered as `request_id`. How long it is kept is a setting.",
    ),
    "conflict": Kind(
        Mender.CALLER,
        "What you ask for does not fit the state of this: it has ended already, or has not ended yet.",
        "Look at its state first; `error` says what stands against it.",
    ),
    "range-not-satisfiable": Kind(
        Mender.CALLER,
        "The part that you ask for lies behind the end of the file.",
        "`Content-Range` tells how long the file is. Begin anew if it changed.",
    ),
    "invalid-request": Kind(
        Mender.CALLER,
        "A parameter of the address or a header has a value that it cannot have, or the call is no HTTP that"
        " can be read.",
        "`error` names it.",
    ),
    "method-not-allowed": Kind(
        Mender.CALLER,
        "The address exists, but not for this method.",
        "The header `Allow` names those that it has.",
    ),
    "internal": Kind(
        Mender.OPERATOR,
        "Pixmill itself failed on this call. That is a defect.",
        "If it fails again, tell the operator its `x_request_id`: the cause is in the log.",
    ),
}

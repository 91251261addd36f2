"""What people are told of a failure code besides its hint (pure): who can mend it, and what to do."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import assert_never

from shared.contract.codes import Code, FailureCode, Fixer, HttpCode, Meaning

RETRY = (
    "The button on the page, `pixmill retry ID` or `POST /v1/requests/{id}/retry` fetches only what failed."
)
WHO: Mapping[Fixer, str] = {
    Fixer.UPLOADER: "you, in your list",
    Fixer.ORIGIN: "the host of the image",
    Fixer.OPERATOR: "who runs Pixmill",
}
_ADVICE: Mapping[FailureCode, str] = {
    FailureCode.BLOCKED_ADDRESS: "Put the image where everybody can load it. If it shall come from a network"
    " of your own, whoever runs Pixmill names that network in `ALLOW_HOSTS`.",
    FailureCode.DNS_FAILED: "Look for a misspelt host in the address. If it is right, its name server was"
    " away: try again later.",
    FailureCode.CONNECT_FAILED: "Open the address in a browser. If it opens there, the host may turn away"
    " servers: ask whoever runs it to let Pixmill in. If not, try again when it is back.",
    FailureCode.TLS_FAILED: "Whoever runs the host renews its certificate, or sends the whole chain of it."
    " A browser may still open it, because it keeps certificates that the host leaves out.",
    FailureCode.CONNECTION_LOST: "Try again later. If it comes again, the host sends less than it announces,"
    " or something between breaks off long answers.",
    FailureCode.TOO_MANY_REDIRECTS: "Put the address into your list to which the last redirect leads, or end"
    " the circle on the host.",
    FailureCode.TIMED_OUT: "Try again when the host is less busy. If it never answers, it may leave servers"
    " without an answer: ask whoever runs it to let Pixmill in.",
    FailureCode.TOO_SLOW: "Try again when the host is less busy, or put the image on a faster one.",
    FailureCode.TOO_LARGE: "Put a smaller file at the address. The hint of the image tells the limit,"
    " which is `MAX_IMAGE_BYTES` of the processor.",
    FailureCode.TOO_MANY_PIXELS: "Put an image with fewer pixels at the address. The hint of the image tells"
    " the limit, which is `MAX_IMAGE_PIXELS` of the processor.",
    FailureCode.NOT_AN_IMAGE: "Open the address: it is often a page that shows the image, a log-in, or a"
    " message that it is gone. Take the address of the picture itself. The hint of the image tells what was"
    " found, where that is known.",
    FailureCode.UNSUPPORTED_FORMAT: "Save the image as JPEG or PNG; WebP, AVIF, GIF, BMP and TIFF are read"
    " too. The hint of the image names the format that was found.",
    FailureCode.DAMAGED: "Put a whole file at the address: upload it to the host once more. The hint of"
    " the image tells how much of it was there, where that is known.",
    FailureCode.CRASHED_DECODER: "Try once more. If it comes again, save the image anew with another program;"
    " whoever runs Pixmill finds the original in the store and may report it.",
    FailureCode.VERIFICATION_FAILED: "Use the original for now, which is stored. Whoever runs Pixmill reports"
    " it with the file that the log line `output_differs` names.",
    FailureCode.STORE_REFUSED: "Whoever runs Pixmill looks at rights, quota and object locks of the bucket;"
    " then try again.",
    FailureCode.ABANDONED: "Whoever runs Pixmill looks why processors end while they have this image (memory,"
    " mostly); then try again.",
    FailureCode.EXPIRED: "Try again: the images that are done stay done. If it comes again, there are too few"
    " processors for so many images, or one host took too few a second.",
    FailureCode.SOURCE_MISSING: "Upload the file again. Whoever runs Pixmill looks who removed it from"
    " the store.",
    FailureCode.INTERNAL: "Try again. If it comes again, tell whoever runs Pixmill the id of the request.",
}
_REFUSED = (
    "The host wants a log-in or turns servers away: open the address in a private window, where you are not"
    " logged in. Make the image public, or let Pixmill in."
)
_HTTP_ADVICE: Mapping[int, str] = {
    401: _REFUSED,
    403: _REFUSED,
    404: "Nothing is at this address: look for a misspelling, or for where the image went.",
    410: "The image was removed from there. Put another address into your list.",
    429: "The host refused for an hour, although Pixmill asked for less and less. Ask whoever runs it to let"
    " Pixmill in, then try again.",
}
_THEIR_REQUEST = "Open the address in a private window: what you see there is what Pixmill saw."
_THEIR_FAULT = "Something is broken or overloaded there. Try again later."


def advice_of(code: Code) -> str:
    match code:
        case FailureCode():
            return _ADVICE[code]
        case HttpCode():
            return _HTTP_ADVICE.get(code.status) or _advice_of_class(code.status)
        case _:
            assert_never(code)


def tries_of(meaning: Meaning) -> str:
    if meaning.retryable:
        return f"Yes: it failed three times before it was told. {RETRY}"
    return f"No. Try again when it is mended. {RETRY}"


def _advice_of_class(status: int) -> str:
    is_their_request = HTTPStatus.CONTINUE <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return _THEIR_REQUEST if is_their_request else _THEIR_FAULT

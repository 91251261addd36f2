"""What is the same for everybody as long as the process lives: packed once, with a tag."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from fastapi import Request, Response

from services.status.api.answers.json_answers import is_known, weak_tag


@dataclass(frozen=True)
class Packed:
    content: bytes
    media_type: str

    @cached_property
    def tag(self) -> str:
        return weak_tag(self.content)

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.content, mtime=0)


def packed_answer(request: Request, packed: Packed, headers: Mapping[str, str]) -> Response:
    """As gzip for whoever takes that; 304 for whoever has it already."""
    told = {**headers, "ETag": packed.tag, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if is_known(request, packed.tag):
        return Response(status_code=304, headers=told)
    if not takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(packed.content, headers=told, media_type=packed.media_type)
    told["Content-Encoding"] = "gzip"
    return Response(packed.gzipped, headers=told, media_type=packed.media_type)


def takes_gzip(accepted: str) -> bool:
    """RFC 9110: a coding with the weight 0 is refused."""
    for coding in accepted.lower().replace(" ", "").split(","):
        name, _, weight = coding.partition(";q=")
        if name == "gzip":
            return weight == "" or weight.strip("0.") != ""
    return False

"""The upload form as OpenAPI describes it."""

from typing import Any

from services.ingest.options import DEFAULT_QUALITY, MAX_QUALITY, MIN_QUALITY, OnInvalid
from shared.events import ImageFormat, Priority

_FILE = {
    "type": "string",
    "format": "binary",
    "description": "The CSV, with the columns S. No., Product Name and Input Image Urls.",
}
_WEBHOOK_URL = {
    "type": "string",
    "format": "uri",
    "description": "Where to post request.completed.",
}

REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "file": _FILE,
                    "csvFile": _FILE | {"description": "The same as file."},
                    "webhook_url": _WEBHOOK_URL,
                    "webhookUrl": _WEBHOOK_URL | {"description": "The same as webhook_url."},
                    "quality": {
                        "type": "integer",
                        "minimum": MIN_QUALITY,
                        "maximum": MAX_QUALITY,
                        "default": DEFAULT_QUALITY,
                    },
                    "format": {"type": "string", "enum": list(ImageFormat), "default": "keep"},
                    "priority": {"type": "string", "enum": list(Priority), "default": "normal"},
                    "on_invalid": {"type": "string", "enum": list(OnInvalid), "default": "reject"},
                },
                "oneOf": [{"required": ["file"]}, {"required": ["csvFile"]}],
            }
        }
    },
}

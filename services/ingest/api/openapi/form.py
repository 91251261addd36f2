"""The upload form as OpenAPI describes it. Fields are named as each family of paths spells them."""

from services.ingest.api.template import TEMPLATE
from services.ingest.csv_file.encodings.names import PUBLIC_NAMES
from services.ingest.form.form import FormField
from services.ingest.form.options import DEFAULT_QUALITY, MAX_QUALITY, MIN_QUALITY, OnInvalid
from shared.contract.events import ImageFormat, Priority
from shared.web.openapi.schemas import FILE, Json, one_of

_FILE: Json = FILE | {"description": "The CSV, or a workbook (.xlsx, .ods)."}
_LABEL = r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?"
_WEBHOOK_URL: Json = {
    "type": "string",
    "pattern": rf"^(https://({_LABEL}\.){{1,4}}[a-z]{{2,20}}(/[!-\[\]-~]{{0,200}})?)?$",
    "description": "Where to post request.completed. http only to hosts that the operator lets through.",
}
_QUALITY: Json = {"type": "integer", "minimum": MIN_QUALITY, "maximum": MAX_QUALITY}
_EMPTY: Json = {"type": "string", "maxLength": 0}  # an empty field is as good as none


def _or_default(schema: Json, default: object, description: str) -> Json:
    return {"anyOf": [schema, _EMPTY], "default": default, "description": description}


_COLUMNS: Json = {"type": "string", "contentMediaType": "application/json", "format": "columns"}
_OPTIONS: Json = {
    "quality": _or_default(_QUALITY, DEFAULT_QUALITY, "On the encoder's scale."),
    "format": _or_default(one_of(list(ImageFormat)), "keep", "Of the compressed images."),
    "priority": _or_default(one_of(list(Priority)), "normal", "Beside your other requests."),
    "on_invalid": _or_default(
        one_of(list(OnInvalid)), "reject", "Reject the file for one invalid row, or skip such rows."
    ),
    "columns": _or_default(
        _COLUMNS,
        "",
        "Which columns are the needed ones, where their names do not tell, each optional: "
        '`{"serial_number": "ID", "product_name": "Title", "image_urls": ["Image Src"]}`.',
    ),
    "encoding": {
        "anyOf": [one_of(list(PUBLIC_NAMES)), _EMPTY],
        "description": "Of the file, where it is not found out rightly; other usual names of it are known.",
    },
}


def _request_body(file_field: FormField, webhook_field: FormField) -> Json:
    schema = {
        "type": "object",
        "properties": {file_field: _FILE, webhook_field: _WEBHOOK_URL, **_OPTIONS},
        "required": [file_field],
    }
    example = {file_field: TEMPLATE, webhook_field: "https://shop.example/hook", "quality": 50}
    form = {"schema": schema, "example": example, "encoding": {file_field: {"contentType": "text/csv"}}}
    return {"required": True, "content": {"multipart/form-data": form}}


SNAKE_FORM = _request_body(FormField.FILE, FormField.WEBHOOK_URL)
CAMEL_FORM = _request_body(FormField.CSV_FILE, FormField.WEBHOOK_URL_CAMEL)

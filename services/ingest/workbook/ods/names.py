"""The namespaces of OpenDocument, and the attributes that are read (pure)."""

from collections.abc import Mapping

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TABLE, _TEXT, _STYLE = (f"{_OASIS}{each}:1.0" for each in ("office", "table", "text", "style"))
PREFIXES: Mapping[str, str] = {
    _OFFICE: "office:",
    _TABLE: "table:",
    _TEXT: "text:",
    _STYLE: "style:",
    f"{_OASIS}drawing:1.0": "draw:",
    f"{_OASIS}manifest:1.0": "manifest:",
}
NAME, STYLE_NAME, DISPLAY = f"{_TABLE} name", f"{_TABLE} style-name", f"{_TABLE} display"
OF_STYLE = f"{_STYLE} name"
ROWS_REPEATED, COLUMNS_REPEATED = f"{_TABLE} number-rows-repeated", f"{_TABLE} number-columns-repeated"
ROWS_SPANNED = f"{_TABLE} number-rows-spanned"
VISIBILITY, FORMULA = f"{_TABLE} visibility", f"{_TABLE} formula"
VALUE_TYPE, VALUE = f"{_OFFICE} value-type", f"{_OFFICE} value"
DATE_VALUE, TIME_VALUE = f"{_OFFICE} date-value", f"{_OFFICE} time-value"
BOOLEAN_VALUE, STRING_VALUE = f"{_OFFICE} boolean-value", f"{_OFFICE} string-value"
SPACES = f"{_TEXT} c"
ADDRESS = "http://www.w3.org/1999/xlink href"

"""Whether a caller would rather have a CSV than JSON, by its Accept header (pure; RFC 9110, 12.5.1).

A library would pick the best match. Our rule that a caller must name CSV would still be ours to write.
"""

_CSV = ("text/csv", "text/*", "*/*")  # from the most to the least precise
_JSON = ("application/json", "application/problem+json", "application/*", "*/*")


def prefers_csv(accept: str) -> bool:
    """A caller gets a CSV only when it names CSV, and does not want JSON more."""
    weights = dict(_weighted(part) for part in accept.split(","))
    csv, json = _weight(weights, _CSV), _weight(weights, _JSON)
    return csv > json or (csv == json > 0 and "text/csv" in weights)


def _weight(weights: dict[str, float], ranges: tuple[str, ...]) -> float:
    return next((weights[each] for each in ranges if each in weights), 0.0)


def _weighted(part: str) -> tuple[str, float]:
    kind, *parameters = (each.strip().lower() for each in part.split(";"))
    given = [each.removeprefix("q=") for each in parameters if each.startswith("q=")]
    return kind, _number(given[0]) if given else 1.0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0

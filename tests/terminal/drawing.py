"""A recorded terminal as an SVG that moves by itself (pure): no script, nothing from elsewhere.

A line that stays is drawn once, for as long as it stands; who wants no motion sees how it ended.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

STAYS_SECONDS = 5.0  # how it ended, before it begins anew
_LETTER, _LINE, _EDGE, _BAR = 8.43, 19, 16, 34  # pixels
_STYLE = (
    "text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre;"
    "fill:#d7dde5}.b{font-weight:700}"
)


@dataclass(frozen=True, slots=True)
class Span:
    """Letters of one look. The colour is an SVG's; empty is the usual one."""

    text: str
    colour: str = ""
    is_bold: bool = False


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What the terminal showed from this moment on."""

    at_seconds: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Stay:
    """One line in one row, from one moment to another."""

    row: int
    line: Line
    begins: float
    ends: float


def drawn(frames: Sequence[Frame], *, columns: int, rows: int, title: str) -> str:
    seconds = frames[-1].at_seconds + STAYS_SECONDS
    stays = [stay for row in range(rows) for stay in _stays(frames, row, seconds)]
    names = {moments: f"m{number}" for number, moments in enumerate(dict.fromkeys(map(_moments, stays)))}
    width, height = columns * _LETTER + 2 * _EDGE, rows * _LINE + _BAR + _EDGE
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}{_motion(names, seconds)}</style>",
            *_window(width, height),
            *(_text(stay, names[_moments(stay)], seconds) for stay in stays),
            "</svg>\n",
        ]
    )


def _stays(frames: Sequence[Frame], row: int, seconds: float) -> Iterator[_Stay]:
    begins = 0.0
    line: Line = ()
    for frame in frames:
        now = frame.lines[row] if row < len(frame.lines) else ()
        if now == line:
            continue
        if line:
            yield _Stay(row, line, begins, frame.at_seconds)
        begins, line = frame.at_seconds, now
    if line:
        yield _Stay(row, line, begins, seconds)


def _moments(stay: _Stay) -> tuple[float, float]:
    return stay.begins, stay.ends


def _motion(names: Mapping[tuple[float, float], str], seconds: float) -> str:
    keyframes = "".join(
        f"@keyframes {name}{{0%{{opacity:0}}{100 * begins / seconds:.2f}%{{opacity:1}}"
        + ("" if ends >= seconds else f"{100 * ends / seconds:.2f}%{{opacity:0}}")
        + f"}}.{name}{{animation-name:{name}}}"
        for (begins, ends), name in names.items()
    )
    moving = f".l{{opacity:0;animation:{seconds:.2f}s step-end infinite}}"
    still = "@media(prefers-reduced-motion:reduce){.l{animation:none}.e{opacity:1}}"
    return f"{moving}{keyframes}{still}"


def _window(width: float, height: float) -> Iterator[str]:
    yield f'<rect width="{width:.0f}" height="{height:.0f}" rx="8" fill="#161b22"/>'
    for place, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        yield f'<circle cx="{_EDGE + 4 + 20 * place}" cy="{_BAR / 2:.0f}" r="5.5" fill="{colour}"/>'


def _text(stay: _Stay, name: str, seconds: float) -> str:
    kind = f"l {name} e" if stay.ends >= seconds else f"l {name}"
    length = sum(len(span.text) for span in stay.line) * _LETTER
    place = f'x="{_EDGE}" y="{_BAR + _LINE * (stay.row + 0.75):.0f}" textLength="{length:.0f}"'
    return f'<text class="{kind}" {place}>{"".join(map(_span, stay.line))}</text>'


def _span(span: Span) -> str:
    look = (f' fill="{span.colour}"' if span.colour else "") + (' class="b"' if span.is_bold else "")
    return f"<tspan{look}>{escape(span.text)}</tspan>" if look else escape(span.text)

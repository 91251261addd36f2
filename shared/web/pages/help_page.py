"""A page that explains one thing (pure): HTML without a script, that loads nothing."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape

from shared.web.pages.marked_text import marked

_STYLE = (  # in the colours of the page for people
    ":root{color-scheme:light dark;background:light-dark(#faf9f7,#131412);color:light-dark(#1c1b18,#edece7)}"
    "a{color:light-dark(#0b6e4f,#63d3a8)}"
    "body{margin:2rem auto;padding:0 1rem;max-width:44rem;font:1rem/1.55 system-ui,sans-serif}"
    "h1,code{font-family:ui-monospace,monospace}h1{font-size:1.6rem;overflow-wrap:anywhere}"
    "h2{font-size:1.1rem;margin:1.6rem 0 .3rem}dt{margin-top:.8rem}dd{margin:0}"
)
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "public, max-age=3600",
}


def explained(title: str, sections: Mapping[str, str], others: tuple[str, str]) -> str:
    """Each section below its heading, of which the first needs none. `others`: their address and name."""
    told = "".join(
        f"{f'<h2>{escape(heading)}</h2>' if heading else ''}<p>{marked(text)}</p>"
        for heading, text in sections.items()
    )
    address, name = others
    return _page(title, f'{told}<p><a href="{address}">{escape(name)}</a></p>')


def listed(title: str, about: str, folder: str, said: Mapping[str, str]) -> str:
    """What there is in a folder of pages, each with its first sentence."""
    items = "".join(
        f'<dt><a href="{folder}{name}"><code>{name}</code></a></dt><dd>{marked(text)}</dd>'
        for name, text in said.items()
    )
    return _page(title, f"<p>{marked(about)}</p><dl>{items}</dl>")


def _page(title: str, body: str) -> str:
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Pixmill: {escape(title)}</title><style>{_STYLE}</style>"
    )
    main = f"<main><h1>{escape(title)}</h1>{body}</main>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{main}</body></html>'

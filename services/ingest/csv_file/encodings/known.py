"""The encodings that we tell apart, and the languages that people write in each (pure)."""

from dataclasses import dataclass

from services.ingest.csv_file.encodings.languages import languages


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    codec: str
    languages: tuple[str, ...]
    rareness: float = 0.0  # how much better than the commonest encoding it must read


_WEST = ("de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "is", "ca", "sq", "et", "en")
_CENTRAL = ("pl", "cs", "sk", "hu", "ro", "sh", "sl", "sq", "de", "en")
_TURKISH = ("tr", "de", "fr", "en")
_BALTIC = ("lt", "lv", "et", "de", "en")
_CYRILLIC = ("ru", "uk", "bg", "sr", "mk", "be")

UTF_8 = "utf-8"


def known_encodings() -> tuple[Known, ...]:
    """All that a file without a mark may be in, UTF-8 last."""
    return (*_EIGHT_BIT, *_WIDER, Known(codec=UTF_8, languages=tuple(languages())))


_EIGHT_BIT = (
    Known(codec="cp1252", languages=_WEST),
    Known(codec="cp1250", languages=_CENTRAL, rareness=1),
    Known(codec="cp1251", languages=_CYRILLIC, rareness=1),
    Known(codec="cp1253", languages=("el",), rareness=1),
    Known(codec="cp1254", languages=_TURKISH, rareness=1),
    Known(codec="cp1255", languages=("he",), rareness=1),
    Known(codec="cp1256", languages=("ar", "fa", "ur"), rareness=1),
    Known(codec="cp1257", languages=_BALTIC, rareness=1.5),
    Known(codec="cp874", languages=("th",), rareness=1),
    Known(codec="mac_roman", languages=_WEST, rareness=2),
    Known(codec="cp850", languages=_WEST, rareness=3),
    Known(codec="cp437", languages=_WEST, rareness=3.5),
    Known(codec="cp852", languages=_CENTRAL, rareness=3.5),
    Known(codec="cp857", languages=_TURKISH, rareness=4),
    Known(codec="iso8859_2", languages=_CENTRAL, rareness=2.5),
    Known(codec="iso8859_9", languages=_TURKISH, rareness=3),
    Known(codec="iso8859_7", languages=("el",), rareness=3),
    Known(codec="iso8859_15", languages=_WEST, rareness=3),
    Known(codec="iso8859_13", languages=_BALTIC, rareness=4),
    Known(codec="iso8859_4", languages=_BALTIC, rareness=4.5),
    Known(codec="iso8859_6", languages=("ar",), rareness=4),
    Known(codec="cp737", languages=("el",), rareness=4),
    Known(codec="cp775", languages=_BALTIC, rareness=4.5),
    Known(codec="cp860", languages=("pt",), rareness=5),
    Known(codec="cp862", languages=("he",), rareness=4),
    Known(codec="mac_greek", languages=("el",), rareness=4.5),
    Known(codec="mac_turkish", languages=_TURKISH, rareness=4.5),
    Known(codec="mac_latin2", languages=_CENTRAL, rareness=4),
    Known(codec="koi8_r", languages=("ru",), rareness=3),
    Known(codec="koi8_u", languages=("uk", "ru", "be"), rareness=4),
    Known(codec="cp866", languages=_CYRILLIC, rareness=3),
    Known(codec="mac_cyrillic", languages=_CYRILLIC, rareness=4.5),
    Known(codec="iso8859_5", languages=_CYRILLIC, rareness=4.5),
)
_WIDER = (
    Known(codec="cp932", languages=("ja",), rareness=1),
    Known(codec="euc_jp", languages=("ja",), rareness=2),
    Known(codec="euc_jis_2004", languages=("ja",), rareness=4),
    Known(codec="gb18030", languages=("zh",), rareness=1),
    Known(codec="cp950", languages=("zh-Hant",), rareness=1),
    Known(codec="big5hkscs", languages=("zh-Hant",), rareness=3),
    Known(codec="cp949", languages=("ko",), rareness=1),
)

"""Letters without their accents, so that what is typed on any keyboard can be compared."""

from __future__ import annotations

import unicodedata


def without_accents(text: str) -> str:
    """The text with its accents and tildes left out, capitals kept: "¿Año?" gives "¿Ano?".

    It may become shorter or longer; where positions must stay true, a text is folded letter by letter instead.
    """
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))

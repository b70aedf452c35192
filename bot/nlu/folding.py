"""Lower case without accents, one character for one, so that spans still fit the visitor's text."""

import unicodedata

_APOSTROPHES = dict.fromkeys(map(ord, "’‘`´ʼ"), "'")


def fold(text: str) -> str:
    """The folded text, of the same length as the text: "¿Año?" gives "¿ano?"."""
    plain = text.translate(_APOSTROPHES)
    return plain.lower() if plain.isascii() else "".join(map(_folded, plain))


def _folded(character: str) -> str:
    if character.isascii():
        return character.lower()
    base = unicodedata.normalize("NFKD", character)[0].lower()
    return base if len(base) == 1 else character

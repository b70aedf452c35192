"""The language of a text as its letters alone tell it."""

import re
import unicodedata

# Alphabets that one language (of those our visitors use) writes; longest match wins by count of letters.
SCRIPTS: dict[str, str] = {
    "CYRILLIC": "ru",
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "ARABIC": "ar",
    "THAI": "th",
    "KHMER": "km",
    "LAO": "lo",
    "DEVANAGARI": "hi",
    "GURMUKHI": "pa",
    "TELUGU": "te",
    "ETHIOPIC": "am",
    "ARMENIAN": "hy",
    "HEBREW": "he",
    "GREEK": "el",
    "GEORGIAN": "ka",
}
_UKRAINIAN = re.compile("[іїєґІЇЄҐ]")
_PERSIAN = re.compile("[پچژگ]")
_VIETNAMESE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def language_of_script(text: str) -> str | None:
    """ISO 639-1 code if at least half of the letters belong to one language's own script, else None."""
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return None
    counts: dict[str, int] = {}
    for letter in letters:
        if ord(letter) > 0x24F:
            script = unicodedata.name(letter, "").split(" ")[0]
            language = SCRIPTS.get(script)
            if language:
                counts[language] = counts.get(language, 0) + 1
    if counts and sum(counts.values()) * 2 >= len(letters):
        if counts.get("ja"):
            return "ja"
        language = max(counts, key=counts.__getitem__)
        if language == "ru" and _UKRAINIAN.search(text):
            return "uk"
        if language == "ar" and _PERSIAN.search(text):
            return "fa"
        return language
    return "vi" if _VIETNAMESE.search(text) else None


def plain_words(text: str) -> list[str]:
    """Lower-case words without accents and apostrophes: "¿Dónde está?" gives ["donde", "esta"]."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return [re.sub("['’]", "", word) for word in _WORD.findall(bare)]

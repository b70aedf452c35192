"""Takes secret numbers and passwords out of a text before anything stores or logs it.

Hidden are Social Security numbers and ITINs, card and bank numbers, PINs, codes and passwords, in English
and Spanish. Each rule reads a *view* of the text of the same length: lower case, no accents, every kind of
dash and space alike, every script's digits as 0-9. What a rule finds is hidden in the text itself: the
digits of a number, and the letters too where a number is spelled out or a password stands.

What proves a claim (its number together with a birth date, or a PIN) is taken out too: the form for it
keeps these details out of the chat, and a transcript must not hold what opens a claim.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

from bot import clock

MASK = "•"

Span = tuple[int, int]

# Between a word such as "account" and its number: some words, but none that say the number is another thing.
_OTHER_NUMBERS = (
    "call|phone|tel|cell|mobile|text|fax|zip|claim|case|class|job|level|week|year|hour|date|paid|pays|earn|made"
    "|reclam|caso|clase|llam|celular|postal|fecha|semana|ano|hora|pag|gan"
)
_GAP = rf"(?:(?!\b(?:{_OTHER_NUMBERS}))[^\d$]){{0,40}}?"
# Between "PIN" and its number: only words that lead straight to it.
_STRAIGHT = (
    r"(?:[ :#=,.'\"()>*?\-]|\b(?:number|num|no|nr|nbr|code|card|is|are|was|were|be|it|s|to|of|in|i|the|my|your"
    r"|last|four|4|digits|ends|ending|with|here|set|chose|use|used|at|filing|for|numero|n|codigo|tarjeta|es|son|era|fue|de|del"
    r"|mi|su|el|la|los|las|ultimos|cuatro|digitos|termina|terminan|en|con|que|puse|elegi|uso|use|al|solicitar)\b)"
    r"{0,16}?"
)
_JOIN = r"[ .,_/\-]"

# --- Social Security numbers and ITINs
# Both separators or none: with one, "98101-1234" would be taken for one.
_SSN = re.compile(
    rf"(?<![\d$-])(?<!\d[.,])\d{{3}}(?:{_JOIN}{{1,3}}\d{{2}}{_JOIN}{{1,3}}\d{{4}}|\d{{6}})(?!-?\d)(?![.,]\d)"
)
_SSN_SPACED = re.compile(r"(?<![\d.,$-])(?<![\d][ -])\d(?:(?: - |[ .\-])\d){8}(?![ .\-]?\d)")
_SSN_LAST_FOUR = re.compile(r"[x*#•]{3}[ \-]?[x*#•]{2}[ \-]?(\d{4})(?!\d)")
_SSN_WORD = (
    r"\b(?:ssn|itin|ss ?#|s\.s\.n|soc(?:ial)? ?sec(?:urity)?|social|tax ?id|nss|seguro social"
    r"|(?:numero|num|no) de seguro)"
)
_SSN_AFTER_WORD = re.compile(rf"{_SSN_WORD}\b\.?{_STRAIGHT}(\d(?:{_JOIN}{{0,3}}\d){{3,8}})(?![\d/])(?!\.\d)")
_SSN_FAR_FROM_WORD = re.compile(rf"{_SSN_WORD}\b{_GAP}(\d(?:{_JOIN}{{0,3}}\d){{8}})(?!{_JOIN}?\d)")
_SSN_BEFORE_WORD = re.compile(rf"(?<![\d$.,-])(\d(?:{_JOIN}{{0,3}}\d){{8}})(?!\d){_STRAIGHT}(?:{_SSN_WORD}|\bseguro)\b")

# --- Cards
_CARD_WHOLE = re.compile(r"(?<!\d)\d{13,19}(?!\d)")
_CARD_GROUPS = re.compile(r"(?<!\d)(\d{4})([ .\-]{1,3})(\d{4})\2(\d{4})\2(\d{1,4})(?:\2\d{1,4})?(?!\d)")
_CARD_AMEX = re.compile(r"(?<!\d)\d{4}([ .\-]{1,3})\d{6}\1\d{4,5}(?!\d)")
_CARD_SPACED = re.compile(r"(?<!\d)(?<!\d[ .\-])\d(?:[ .\-]\d){12,18}(?![ .\-]?\d)")
_CARD_WORD = r"\b(?:card|visa|mastercard|amex|discover|debit|credit|tarjeta|debito|credito)\b"
_CARD_AFTER_WORD = re.compile(rf"{_CARD_WORD}{_GAP}(\d(?:[ .\-]{{0,3}}\d){{12,18}})(?!\d)")

# --- Bank accounts
_BANK_WORD = (
    r"\b(?:bank|banking|routing|checking|savings?|accounts?|acct|acc|aba|rtn|iban|debit|card|direct deposit"
    r"|banco|bancari[oa]|ruta|transito|cheques|corriente|ahorros?|cuentas?|cta|clabe|tarjeta|deposito directo)\b"
)
# Days, phone numbers, claim numbers and amounts have the length of an account number but a shape of their own.
_NO_DAY = r"(?!\d{4}[.\- ]\d\d[.\- ]\d\d(?!\d))(?!\d{1,2}[.\- ]\d{1,2}[.\- ](?:19|20)?\d\d(?!\d))"
_NO_ACCOUNT = (
    rf"(?<![\d.,$])(?<!ui)(?<!hc)(?<!ui[- ])(?<!hc[- ]){_NO_DAY}"
    r"(?!(?:1[ .\-])?\d{3}[ .\-]\d{3}[ .\-]\d{4}(?!\d))(?!\d+\.\d\d(?!\d))(?!(?:19|20)\d\d[ \-](?:19|20)\d\d(?!\d))"
    r"(?!\d{5}-\d{4}(?!\d))"
)
_ACCOUNT = rf"{_NO_ACCOUNT}\d(?:[ .\-]?\d){{5,19}}(?!\d)"
_AND = r"(?: ?(?:,|/|;|&|and|y) ?)"
_BANK = re.compile(rf"{_BANK_WORD}{_GAP}({_ACCOUNT}(?:{_AND}{_ACCOUNT})*)")
_BANK_BEFORE_WORD = re.compile(rf"({_ACCOUNT}){_STRAIGHT}(?:bank |banking )?{_BANK_WORD}")
_ACCOUNT_LAST_FOUR = re.compile(
    rf"{_BANK_WORD} (?:ending|ends|termina|terminada|que termina) (?:in|with|en) (\d{{4}})(?!\d)"
)
_IBAN = re.compile(r"\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?\b")

# --- PINs, codes and passwords
_PIN_WORD = (
    r"\b(?:pin|pins|pin ?code|nip|clave|passcode|cvv2?|cvc|(?:security|verification|access|login|one[ \-]?time) code"
    r"|codigo de (?:seguridad|verificacion|acceso|un solo uso))"
)
_NO_COUNT = r"(?! ?(?:times|days|weeks|months|years|hours|minutes|veces|dias|semanas|meses|anos|horas|minutos)\b)"
_PIN = re.compile(rf"{_PIN_WORD}\b(?!-?\d){_STRAIGHT}({_NO_DAY}\d(?:[ .\-]?\d){{2,9}})(?![\d/%])(?![.,]\d){_NO_COUNT}")
_PIN_BEFORE_WORD = re.compile(rf"(?<![\d$.,/-])(\d{{4,8}})(?: (?:is|was|es|era))? (?:my|the|mi|el|la) {_PIN_WORD}\b")
_PASSWORD = re.compile(
    r"\b(?:pass ?word|passwd|passwrd|psswrd|pwd|pw|user(?:name)?/pass|pass ?phrase|pass ?code|contrasen.?a|clave)\b"
    r"(?: (?:number|temporal|temporary|for \w+|de \w+))?"
    r"(?P<link> ?(?:[:=]|\b(?:is|es|was|era|it'?s)\b:?) ?| )(?P<quote>[\"'“«]?)(?P<word>[^\s\"”»]+)"
)

# --- Numbers spelled out, as a phone's dictation writes them
_DIGIT_WORD = (
    "(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|cero|uno|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)"
)
_NINE_WORDS = re.compile(rf"\b{_DIGIT_WORD}(?:[ ,.\-]{{1,2}}{_DIGIT_WORD}){{8}}\b(?![ ,.\-]{{1,2}}{_DIGIT_WORD}\b)")
_WORDS_AFTER_WORD = re.compile(
    rf"(?:{_SSN_WORD}|{_PIN_WORD}|{_BANK_WORD}){_STRAIGHT}({_DIGIT_WORD}(?:[ ,.\-]{{1,2}}{_DIGIT_WORD}){{3,18}})\b"
)

# --- Answers to a specialist's question
_ASKED = re.compile(rf"{_SSN_WORD}\b|{_PIN_WORD}\b|{_BANK_WORD}|{_CARD_WORD}|\b(?:pass ?word|contrasen.?a)\b")
_BARE_ANSWER = re.compile(rf"\D{{0,20}}({_NO_ACCOUNT}\d(?:[ .\-]{{0,3}}\d){{2,18}})\D{{0,10}}")

_CLAIM_NUMBER = re.compile(r"(?<![A-Za-z0-9])(?:UI|HC)[ -]?\d{4}[ -]?\d{4}(?!\d)", re.IGNORECASE)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic)[a-z]*\.?"
_DATE = re.compile(
    r"(?<![\d/.-])(?:"
    r"(?P<iso>\d{4})[-/.]\d{1,2}[-/.]\d{1,2}"
    r"|\d{1,2}[-/. ]\d{1,2}[-/. ](?P<last>\d{4}|\d\d)"
    r"|(?P<joined>\d{8})"
    rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?P<named>\d{{4}})"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+|de\s+)?{_MONTH},?\s+(?:del?\s+)?(?P<after>\d{{4}})"
    r")(?![\d/-])",
    re.IGNORECASE,
)
_PROVING_PIN = re.compile(r"\b(?:pin|nip)\b[^\d\n]{0,20}?(\d(?:[ \-]?\d){3,9})(?!\d)", re.IGNORECASE)
# Nobody younger claims benefits, and the dates of a claim are newer than this.
_YOUNGEST_CLAIMANT = 14
_BORN = re.compile(r"\b(?:born|birth|birthday|birthdate|dob|d\.o\.b|nacimiento|naci|cumpleanos)\b")
_WORD = re.compile(r"[a-z]+")
# "Its 03/14/1985" is a detail given; in a longer text the date belongs to what is told.
_WORDS_BESIDE_A_DATE = 3


def mask(text: str, asked: str = "") -> str:
    """The text with its secret numbers and passwords replaced by `•`, each character by one.

    `asked` is what a specialist said last: after "the last four of your social?" a bare "6789" is a secret.
    """
    view = _view(text)
    hidden = {at for start, end in _numbers(view) for at in range(start, end) if view[at].isdecimal()}
    hidden |= {at for start, end in _words(view, text) for at in range(start, end) if not view[at].isspace()}
    if asked and _ASKED.search(_view(asked)):
        bare = _BARE_ANSWER.fullmatch(view)
        if bare is not None:
            hidden |= {at for at in range(*bare.span(1)) if view[at].isdecimal()}
    return "".join(MASK if at in hidden else character for at, character in enumerate(text)) if hidden else text


def is_bare_number(text: str) -> bool:
    """Whether a text is little more than one number, so that only the question before it can say what it is."""
    return _BARE_ANSWER.fullmatch(_view(text)) is not None


def _numbers(view: str) -> Iterator[Span]:
    for pattern in (_SSN, _SSN_SPACED):
        yield from (match.span() for match in pattern.finditer(view))
    for pattern in (
        *(_SSN_LAST_FOUR, _SSN_AFTER_WORD, _SSN_FAR_FROM_WORD, _SSN_BEFORE_WORD, _CARD_AFTER_WORD),
        *(_BANK, _BANK_BEFORE_WORD, _ACCOUNT_LAST_FOUR, _PIN, _PIN_BEFORE_WORD),
    ):
        yield from (match.span(1) for match in pattern.finditer(view))
    for pattern in (_CARD_WHOLE, _CARD_AMEX, _CARD_SPACED):
        yield from (match.span() for match in pattern.finditer(view) if _passes_luhn(match.group()))
    yield from (match.span() for match in _CARD_GROUPS.finditer(view) if _is_card(match))
    yield from (match.span() for match in _IBAN.finditer(view) if _passes_iban(match.group()))


def _words(view: str, text: str) -> Iterator[Span]:
    yield from (match.span() for match in _NINE_WORDS.finditer(view))
    yield from (match.span(1) for match in _WORDS_AFTER_WORD.finditer(view))
    for match in _PASSWORD.finditer(view):
        start, end = match.span("word")
        while end > start and view[end - 1] in ".,;:?!)'" and end - start > 1:
            end -= 1
        alone = not view[match.end("word") :].partition("\n")[0].strip(" .!?")
        said_outright = match["quote"] or ((":" in match["link"] or "=" in match["link"]) and alone)
        word = text[start:end]
        # Right after "password" a number may count days; after "password is" it is the password.
        may_be_one = match["link"].strip() or not word.isdecimal()
        if (may_be_one and _is_like_a_password(word)) or (said_outright and len(word) >= 4):
            yield start, end


def _is_like_a_password(word: str) -> bool:
    """Whether a word is none of a language: a digit or a sign inside, or capitals after small letters."""
    inside = word.replace("'", "").replace("’", "").replace("-", "")
    signs = any(not character.isalnum() for character in inside)
    digits = any(character.isdigit() for character in inside)
    return len(word) >= 4 and (digits or signs or re.search(r"[a-z][A-Z]", word) is not None)


def _is_card(match: re.Match[str]) -> bool:
    groups = match.group(1, 3, 4, 5)
    if all(1900 <= int(group) < 2100 for group in groups):
        return False
    # A mistyped card is a card too, if it begins as one.
    return groups[0][0] in "3456" or _passes_luhn("".join(groups))


def _passes_luhn(text: str) -> bool:
    digits = [int(character) for character in text if character.isdecimal()]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _passes_iban(text: str) -> bool:
    compact = text.replace(" ", "")
    turned = compact[4:] + compact[:4]
    return len(compact) >= 15 and int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def _view(text: str) -> str:
    return text.lower() if text.isascii() else "".join(map(_plain, text))


@functools.lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """The character as the rules read it: always one character."""
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character == "−":
        return "-"
    if category in ("Zs", "Cf"):
        return " "
    bare = unicodedata.normalize("NFKD", character)[:1].lower()
    return bare if len(bare) == 1 else character


def holds_proof(text: str) -> bool:
    """Whether a text holds what proves a claim: its number together with a birth date, or a PIN."""
    number = _CLAIM_NUMBER.search(text)
    return bool(_PROVING_PIN.search(text) or (number and _birth_dates(_CLAIM_NUMBER.sub(" ", text))))


def tells_birth_date(text: str) -> bool:
    """Whether a text is little more than a date on which a claimant can have been born, or names one as that."""
    dates = _birth_dates(text)
    rest = _view(text)
    for match in dates:
        rest = rest.replace(_view(match.group()), " ")
    return bool(dates) and (_BORN.search(rest) is not None or len(_WORD.findall(rest)) <= _WORDS_BESIDE_A_DATE)


def hide_birth_dates(text: str) -> str:
    """The text with the digits of every date hidden on which a claimant can have been born."""
    for match in reversed(_birth_dates(text)):
        text = text[: match.start()] + _hide(match.group()) + text[match.end() :]
    return text


def hide_proof(text: str) -> str:
    """The text with the digits of a claim number, a birth date and a PIN hidden, where it holds such a proof."""
    if not holds_proof(text):
        return text
    text = _PROVING_PIN.sub(_hide_group, text)
    text = _CLAIM_NUMBER.sub(lambda match: _hide(match.group()), text)
    return hide_birth_dates(text)


def _birth_dates(text: str) -> list[re.Match[str]]:
    """The dates in a text on which somebody who claims benefits can have been born."""
    this_year = clock.now().year
    newest = this_year - _YOUNGEST_CLAIMANT
    found = []
    for match in _DATE.finditer(text):
        joined = match["joined"]
        years = [match["iso"], match["last"], match["named"], match["after"]]
        years += [joined[:4], joined[4:]] if joined else []
        if any(year is not None and 1900 <= _whole_year(year, this_year) <= newest for year in years):
            found.append(match)
    return found


def _whole_year(written: str, this_year: int) -> int:
    year = int(written)
    if len(written) > 2:
        return year
    # "85" is 1985, and "26" is this year and no birth date.
    return 1900 + year if 2000 + year > this_year else 2000 + year


def _hide(text: str) -> str:
    return re.sub(r"\d", MASK, text)


def _hide_group(match: re.Match[str]) -> str:
    start, end = match.start(1) - match.start(), match.end(1) - match.start()
    whole = match.group()
    return whole[:start] + _hide(whole[start:end]) + whole[end:]

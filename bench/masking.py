"""Recall and false alarms of the masking on generated texts; writes the table in docs/security.md.

Every text is a carrier sentence around one value. A secret counts as found when none of its digits (of a
password: none of its characters) is left; a look-alike counts as a false alarm when the text changed at all.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.masking import mask
from bot.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "security.md"
BEGIN, END = "<!-- masking: begin -->", "<!-- masking: end -->"
SEED = 20261121
EACH = 400

Make = Callable[[random.Random], str]


@dataclass(frozen=True)
class Case:
    """One generated text; `secret` is the part that must vanish, or empty when nothing may change."""

    kind: str
    language: str
    text: str
    secret: str


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def _grouped(digits: str, sizes: tuple[int, ...], separator: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return separator.join(parts)


def _ssn(chance: random.Random) -> str:
    area = chance.choice([*range(1, 666), *range(667, 900)])
    return f"{area:03}{chance.randrange(1, 100):02}{chance.randrange(1, 10000):04}"


def _itin(chance: random.Random) -> str:
    return f"9{_digits(chance, 2)}{chance.randrange(70, 89)}{_digits(chance, 4)}"


def _shaped(number: str, chance: random.Random) -> str:
    separator = chance.choice(["-", " ", ".", "", " - ", "–", "‑", "\u00a0", "/", "_", "-", "", " "])
    return _grouped(number, (3, 2, 4), separator)


def _card(chance: random.Random) -> str:
    length, start = chance.choice([(16, "4"), (16, "51"), (16, "2300"), (15, "37"), (16, "6011"), (19, "62")])
    body = start + _digits(chance, length - len(start) - 1)
    total = sum(
        digit if place % 2 else (digit * 2 - 9 if digit > 4 else digit * 2)
        for place, digit in enumerate(map(int, reversed(body)))
    )
    number = body + str((10 - total % 10) % 10)
    separator = chance.choice(["", " ", "-", "  ", ".", "", " "])
    sizes = {15: (4, 6, 5), 16: (4, 4, 4, 4), 19: (4, 4, 4, 4, 3)}[length]
    return _grouped(number, sizes, separator) if separator else number


def _account(chance: random.Random) -> str:
    number = _digits(chance, chance.randint(6, 14))
    return number if chance.random() < 0.7 else _grouped(number, (4, 4, 4, 4), chance.choice([" ", "-"])).strip(" -")


def _routing(chance: random.Random) -> str:
    body = chance.choice(["0", "1", "2", "3"]) + _digits(chance, 7)
    check = (10 - sum(int(digit) * (3, 7, 1)[place % 3] for place, digit in enumerate(body)) % 10) % 10
    return f"{body}{check}"


def _pin(chance: random.Random) -> str:
    return _digits(chance, chance.choice([4, 4, 4, 6]))


def _password(chance: random.Random) -> str:
    word = chance.choice(["Sunshine", "tacoma", "Perro", "maria", "Fall", "ilovemydog", "Seahawks", "futbol"])
    return word + chance.choice(["1", "2024!", "_88", "123", "#7", "!!x", "$ecret"])


def _last_four(chance: random.Random) -> str:
    return _digits(chance, 4)


_NUMBER_WORDS = {
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
    "es": ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"],
}


def _spelled(language: str) -> Make:
    return lambda chance: " ".join(_NUMBER_WORDS[language][int(digit)] for digit in _ssn(chance))


# kind -> language -> carriers, with {} where the value stands. The first group of each kind names what the
# number is; where the shape alone says it, carriers without any word are among them.
SECRETS: dict[str, tuple[Make, dict[str, list[str]]]] = {
    "Social Security number": (
        lambda chance: _shaped(_ssn(chance), chance),
        {
            "en": [
                "my ssn is {} can you see my claim",
                "{}",
                "social {} born in tacoma",
                "hi im waiting 3 weeks my number is {} please help",
                "SSN:{}",
                "Name: Ana Ruiz\nSS# {}\nPhone: 206-555-0143",
                "they asked for my social security number so here it is {}",
                "{} is my social",
                "is {} the right social on file?",
            ],
            "es": [
                "mi seguro social es {}",
                "mi número de seguro social: {} gracias",
                "{} es mi seguro",
                "llevo 3 semanas, mi numero es {} ayudeme",
                "NSS {}",
                "aquí está mi social {} qué más necesita",
            ],
        },
    ),
    "ITIN": (
        lambda chance: _shaped(_itin(chance), chance),
        {
            "en": ["my itin is {}", "I file taxes with {} not a social", "ITIN {} can I still apply"],
            "es": ["mi ITIN es {}", "no tengo seguro, uso el {}", "declaro con itin {}"],
        },
    ),
    "last four of the SSN": (
        _last_four,
        {
            "en": [
                "the last four of my social are {}",
                "last 4 of ssn {}",
                "ssn ending in {}",
                "my social ends with {}",
                "XXX-XX-{}",
                "my ssn is ***-**-{} if that helps",
            ],
            "es": [
                "los últimos cuatro de mi seguro social son {}",
                "mi seguro social termina en {}",
                "ultimos 4 del seguro social: {}",
            ],
        },
    ),
    "SSN spelled out": (
        _spelled("en"),
        {"en": ["my social is {}", "ok it is {} did you get that", "ssn {}"]},
    ),
    "SSN spelled out (es)": (
        _spelled("es"),
        {"es": ["mi seguro social es {}", "es el {} me entendió", "seguro social {}"]},
    ),
    "card": (
        _card,
        {
            "en": [
                "my card is {} exp 09/28 cvv",
                "{}",
                "the debit card you sent {} does not work",
                "{} 09/28",
                "can you put the money on {} please",
                "visa {}",
                "pay back the overpayment with {}",
            ],
            "es": [
                "mi tarjeta es {}",
                "cobren a {} por favor",
                "la tarjeta de débito {} no sirve",
                "tarjeta número {}",
            ],
        },
    ),
    "bank account": (
        _account,
        {
            "en": [
                "my account number is {}",
                "checking account {}",
                "acct # {}",
                "deposit it in my savings {} please",
                "Account number:\n{}",
                "my bank is chase and the account is {}",
                "direct deposit to {}",
                "{} is my account number",
                "bank acct: {} is that what you have",
            ],
            "es": [
                "mi número de cuenta es {}",
                "mi cuenta del banco {}",
                "cuenta de ahorros {}",
                "deposite en mi cuenta de cheques {}",
                "{} es mi cuenta",
                "cta. {}",
            ],
        },
    ),
    "routing number": (
        _routing,
        {
            "en": ["routing number {}", "routing {} account", "the routing is {}", "ABA {}", "{} is the routing"],
            "es": ["número de ruta {}", "la ruta es {}", "ruta bancaria: {}", "{} es el número de ruta"],
        },
    ),
    "PIN or code": (
        _pin,
        {
            "en": [
                "my pin is {}",
                "pin {}",
                "PIN: {}",
                "the PIN I set at filing is {}",
                "i think my pin number is {} is that right",
                "pin # {} not working",
                "verification code {}",
                "they texted me a security code, security code is {}",
                "cvv {}",
                "my passcode is {}",
            ],
            "es": [
                "mi pin es {}",
                "mi NIP es {}",
                "PIN: {}",
                "mi clave es {}",
                "el pin que puse al solicitar es {}",
                "código de verificación {}",
                "el código de seguridad es {}",
            ],
        },
    ),
    "password": (
        _password,
        {
            "en": [
                "my password is {}",
                "password: {}",
                "login maria password = {}",
                "the password was {} but it says wrong",
                'my password is "{}"',
                "SAW password is {} can you log in for me",
                "Password:{}",
            ],
            "es": [
                "mi contraseña es {}",
                "contraseña: {}",
                "la contrasena era {} y ya no entra",
                "mi clave es {}",
                "contraseña es: {}",
            ],
        },
    ),
}


def _money(chance: random.Random) -> str:
    whole = chance.randrange(1, 100_000)
    return chance.choice([f"${whole:,}", f"${whole:,}.{chance.randrange(100):02}", f"${whole}", f"{whole:,}"])


def _date(chance: random.Random) -> str:
    year, month, day = chance.randint(1950, 2027), chance.randint(1, 12), chance.randint(1, 28)
    return chance.choice(
        [f"{year}-{month:02}-{day:02}", f"{month}/{day}/{year}", f"{month:02}-{day:02}-{year}", f"{day}.{month}.{year}"]
    )


def _phone(chance: random.Random) -> str:
    area, middle, last = chance.randint(201, 989), chance.randint(200, 999), _digits(chance, 4)
    shapes = ["{}-{}-{}", "({}) {}-{}", "1-{}-{}-{}", "{}.{}.{}", "{} {} {}", "+1 {} {} {}", "{}{}{}"]
    shapes = ["{}-{}-{}", "({}) {}-{}", "1-{}-{}-{}", "{}.{}.{}", "{} {} {}", "+1 {} {} {}", "{}{}{}"]
    return chance.choice(shapes).format(area, middle, last)


def _claim_number(chance: random.Random) -> str:
    kind, number = chance.choice(["UI", "HC"]), _digits(chance, 8)
    return chance.choice([kind, kind.lower()]) + chance.choice(["-", "", " "]) + number


def _class_code(chance: random.Random) -> str:
    return chance.choice(["A32A", "A32B", "A32C", "A32D", "165F", "165G", "a32b", "A-32-B"])


LOOK_ALIKES: dict[str, tuple[Make, dict[str, list[str]]]] = {
    "claim number": (
        _claim_number,
        {
            "en": ["{}", "my claim is {}", "where is {} please", "claim number {} account locked", "my account is {}"],
            "es": ["mi reclamo es {}", "número de reclamo {}", "cómo va {}", "mi cuenta es {}"],
        },
    ),
    "phone number": (
        _phone,
        {
            "en": ["call me at {}", "my phone is {}", "{}", "my account is locked, call me at {}", "i called {} twice"],
            "es": ["mi teléfono es {}", "llámeme al {}", "mi celular {}", "{}"],
        },
    ),
    "date": (
        _date,
        {
            "en": [
                "since {}",
                "i was fired on {} from boeing",
                "the bank sent it {}",
                "i got my card on {}",
                "my account was opened {}",
                "i changed my pin on {}",
            ],
            "es": ["desde {}", "me despidieron el {}", "el banco lo mandó el {}", "cambié mi pin el {}"],
        },
    ),
    "amount of money": (
        _money,
        {
            "en": [
                "i earned {}",
                "my bank account got {}",
                "they say i owe {} back",
                "my savings are {}",
                "social security pays me {} a month",
                "the debit card has {} left",
            ],
            "es": ["gané {}", "mi cuenta recibió {}", "debo {}", "el seguro social me paga {} al mes"],
        },
    ),
    "ZIP code": (
        lambda chance: _digits(chance, 5) + chance.choice(["", f"-{_digits(chance, 4)}"]),
        {"en": ["zip {}", "i live in {}", "Tacoma WA {}"], "es": ["código postal {}", "vivo en {}"]},
    ),
    "class code": (
        _class_code,
        {
            "en": ["what does {} pay", "class code {}", "requirements for {} level 3"],
            "es": ["cuánto paga {}", "requisitos del puesto {}"],
        },
    ),
    "year": (
        lambda chance: str(chance.randint(1950, 2027)),
        {
            "en": [
                "since {}",
                "i worked there from 2019 to {}",
                "social security office closed in {}",
                "bank account since {}",
                "my pin expired in {}",
                "2021 2022 2023 {} i worked every year",
                "password reset in {} did not help",
            ],
            "es": ["desde {}", "trabajé ahí desde el {}", "mi cuenta es del {}", "mi pin venció en {}"],
        },
    ),
    "count, hours, weeks": (
        lambda chance: str(chance.choice([2, 3, 12, 26, 38, 40, 160, 680, 820, 1500])),
        {
            "en": [
                "i worked {} hours",
                "waiting {} weeks",
                "i tried my pin {} times",
                "my bank is {} miles away",
                "forgot my password {} days ago",
                "i have {} hours in my base year",
                "level III needs {} hours",
            ],
            "es": ["trabajé {} horas", "llevo {} semanas", "probé mi pin {} veces", "mi banco queda a {} millas"],
        },
    ),
    "words about secrets": (
        lambda chance: chance.choice(["", " please", " today", " thanks", " por favor"]),
        {
            "en": [
                "i forgot my password{}",
                "my password is not working{}",
                "password reset{}",
                "the password is wrong it says{}",
                "how do i get a new pin{}",
                "is my social security number safe here{}",
                "do you need my bank account{}",
                "what is direct deposit{}",
                "the debit card never came{}",
                "my password is expired, account locked{}",
                "one or two or three weeks{}",
            ],
            "es": [
                "olvidé mi contraseña{}",
                "mi contraseña es incorrecta{}",
                "mi contraseña no funciona{}",
                "cómo cambio mi pin{}",
                "necesita mi cuenta del banco{}",
                "la contraseña era vieja{}",
            ],
        },
    ),
}


# Ways to say it that were written down after the rules; {braces} mark what must vanish, if anything must.
UNUSUAL = {
    "en": """\
s s n {123 45 6789}
my ss number {123456789}
{123-456-789} is my social
social {1234 56789}
acc no. {4455667788}
pw: {tacoma2024}
psswrd is {tacoma2024}
user/pass {maria/Fall2024!}
my pin? {4821}
pin={4821}
PIN is {four eight two one}
the number on my check is {0012345678}
my passcode {Tacoma12}
password {hunter2}
username maria password {maria1980}
it's {123-45-6789}, dob 1980
my bank details: {125000024 0012345678}
iban GB{82} WEST {1234 5698 7654 32}
card number: {4111 1111 1111 111 1}
{4111 1111 1111 1112} declined
pincode {4821}
{4821} is my pin
account xxxxxx{1234}
acct ending in {4321}
social security # on file is {one two three 45 6789}
{1 2 3 - 4 5 - 6 7 8 9}
{１２３-４５-６７８９}
my password is {sunshine}
i called 800-318-6022 and then 833-717-2273
WAC 192-110-005 and RCW 50.20.050(2)(b) say so
my employer's UBI is 601 234 567
docket 01-2026-12345
level II needs 680 hours in 4 quarters
they want 1099-G for 2025
ticket 4455667
my wages Q1 12500 Q2 13000 Q3 9000 Q4 0
bank teller job 2019-2023, 52000 a year
confirmation number 98765432
the password: how do i change it
i set a password to open my account in 2024
my pin was mailed 2 weeks ago
visa expires 2027-05-01
A32B 25,127.84 to 46,067.71
hearing at 1:30 pm docket 122025-00123""",
    "es": """\
tarjeta {4111-1111-1111-1111}.
cuenta bancaria n° {12345678}
contraseña {Perro123}
mi número es {123 456 789} del seguro
mi clave de acceso es {99812}
{4821} es mi pin
mi pin es {cuatro ocho dos uno}
Número de Seguro Social (SSN): {123 45 6789}
seguro:{123456789}
mi social es el {123,45,6789}
clave: {amor}
la clave es {amorcito}
tarjeta verde vence 05/01/2027
mi caso es el 123456
gané 1200 y 1350 en octubre de 2026
trabajé del 2019 al 2023 en el banco""",
}


def unusual() -> Iterator[Case]:
    """The texts of `UNUSUAL`, one case for each secret or for each text without one."""
    for language, lines in UNUSUAL.items():
        for line in lines.split("\n"):
            text = line.replace("{", "").replace("}", "")
            secrets = re.findall(r"\{(.*?)\}", line)
            for secret in secrets or [""]:
                yield Case("unusual wording" if secret else "unusual look-alike", language, text, secret)


def cases(seed: int = SEED, each: int = EACH) -> Iterator[Case]:
    """`each` texts of every kind, the languages and carriers in turn."""
    chance = random.Random(seed)
    yield from unusual()
    for table, is_secret in ((SECRETS, True), (LOOK_ALIKES, False)):
        for kind, (make, by_language) in table.items():
            carriers = [(language, text) for language, texts in by_language.items() for text in texts]
            for number in range(each):
                language, carrier = carriers[number % len(carriers)]
                value = make(chance)
                text = carrier.replace("{}", value)
                if chance.random() < 0.25:
                    text = text.upper() if kind not in ("password",) and chance.random() < 0.3 else text.capitalize()
                    value = text[carrier.index("{}") :][: len(value)]
                yield Case(kind, language, text, value if is_secret else "")


def is_right(case: Case) -> bool:
    """Whether the masking did what it should with a text."""
    masked = mask(case.text)
    if not case.secret:
        return masked == case.text
    start = case.text.index(case.secret)
    left = masked[start : start + len(case.secret)]
    return not any(character.isalnum() for character in left)


@dataclass
class Score:
    """How many texts of one kind there were, and which went wrong."""

    texts: int
    wrong: list[Case]

    @property
    def share_right(self) -> float:
        return 1 - len(self.wrong) / self.texts


def measure(found: Iterator[Case] | None = None) -> dict[tuple[str, str, bool], Score]:
    """(kind, language, is it a secret) -> its score."""
    scores: defaultdict[tuple[str, str, bool], Score] = defaultdict(lambda: Score(0, []))
    for case in found or cases():
        score = scores[case.kind, case.language, bool(case.secret)]
        score.texts += 1
        if not is_right(case):
            score.wrong.append(case)
    return dict(scores)


def table(scores: dict[tuple[str, str, bool], Score]) -> str:
    """The scores as the table of docs/security.md."""
    lines = [
        f"Generated by `python -m bench.masking` (seed {SEED}, {sum(s.texts for s in scores.values()):,} texts).",
        "",
        "| secret | language | texts | hidden whole |",
        "|---|---|---:|---:|",
    ]
    rows = sorted(scores.items())
    lines += [f"| {k} | {lang} | {s.texts} | {s.share_right:.1%} |" for (k, lang, secret), s in rows if secret]
    lines += ["", "| look-alike that must stay | language | texts | false alarms |", "|---|---|---:|---:|"]
    lines += [f"| {k} | {lang} | {s.texts} | {1 - s.share_right:.1%} |" for (k, lang, secret), s in rows if not secret]
    for name, secret in (("Hidden whole", True), ("False alarms", False)):
        chosen = [score for (_, _, is_secret), score in rows if is_secret is secret]
        right, texts = sum(s.texts - len(s.wrong) for s in chosen), sum(s.texts for s in chosen)
        share = right / texts if secret else 1 - right / texts
        lines += ["", f"{name} over all: **{share:.2%}** of {texts:,}."]
    return "\n".join(lines)


def main() -> None:
    """Measure, print what went wrong, and write the table into docs/security.md."""
    scores = measure()
    for (kind, language, secret), score in sorted(scores.items()):
        for case in score.wrong[:3]:
            print(f"{'missed' if secret else 'false alarm'} ({kind}, {language}): {case.text!r} -> {mask(case.text)!r}")
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"{BEGIN}\n{END}\n"
    replaced = re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n{table(scores)}\n{END}", text, flags=re.DOTALL)
    PAGE.write_text(replaced, encoding="utf-8")
    print(table(scores))


if __name__ == "__main__":
    main()

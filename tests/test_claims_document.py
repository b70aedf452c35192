"""`docs/claims.md` shows the bot's words for every status, as they are now.

`python -m tests.test_claims_document` writes the document anew.
"""

from __future__ import annotations

import tempfile
from datetime import date, datetime, timezone
from pathlib import Path

import textstat

from bot.claim_status import StatusAnswer, status_answer
from bot.database import Database
from bot.settings import PROJECT_ROOT
from bot.stores import claims, demo_claims
from bot.stores.claims import ClaimFacts
from bot.stores.tables import Base
from bot.stores.vocabulary import ClaimStatus, ReaderKind
from tests.test_claim_status import _grade

DOCUMENT = PROJECT_ROOT / "docs" / "claims.md"
AS_OF = date(2026, 11, 21)
HEAD = """\
# What the bot says about a claim

One synthetic claim of each status as it was on November 21, 2026. Each cell answers four questions:
what is happening, who acts next and by when, what about the money, and how to get help. Reading levels:
the Flesch-Kincaid grade for English, the Fernández Huerta ease for Spanish (70 and more is easy to read).
Tables of weeks and sums are left out here. A test keeps this table equal to what the bot says.

| status | English | español | grade | ease |
|---|---|---|---|---|
"""


def test_the_document_shows_what_the_bot_says() -> None:
    table, _, _ = _parts()
    assert table == document(), "write it anew with: python -m tests.test_claims_document"


def _parts() -> tuple[str, str, str]:
    """The page as it stands: the table, and what is written by hand from its first heading on."""
    return DOCUMENT.read_text(encoding="utf-8").partition("\n## ")


def document() -> str:
    """The page as it has to be."""
    with tempfile.TemporaryDirectory() as folder:
        claims_by_status = _one_of_each(Path(folder))
    return HEAD + "".join(f"{_line(status, claims_by_status[status])}\n" for status in ClaimStatus)


def _one_of_each(folder: Path) -> dict[ClaimStatus, ClaimFacts]:
    database = Database(f"sqlite:///{folder}/claims.db")
    Base.metadata.create_all(database.engine)
    now = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)
    with database.transaction() as session:
        demo_claims.seed_demo_claims(session, AS_OF)
        chosen = {login.status: login for login in reversed(demo_claims.demo_claims(session))}
        chosen |= {login.status: login for login in demo_claims.startup_claims(session, AS_OF)}
        found = {
            status: claims.read_claim(session, login.claim_id, reader=ReaderKind.BOT, purpose="document", now=now)
            for status, login in chosen.items()
        }
    database.close()
    return found


def _line(status: ClaimStatus, facts: ClaimFacts) -> str:
    english, spanish = (status_answer(facts, AS_OF, language) for language in ("en", "es"))
    grade = max(_grade(section.text) for section in english.sections)
    textstat.set_lang("es")
    ease = textstat.fernandez_huerta(" ".join(section.text for section in spanish.sections))
    return f"| `{status}` | {_cell(english)} | {_cell(spanish)} | {grade:.1f} | {ease:.0f} |"


def _cell(answer: StatusAnswer) -> str:
    parts = []
    for section in answer.sections:
        due = f" **{section.due.label}**" if section.due else ""
        parts.append(f"**{section.heading}.** {section.text}{due}")
    return "<br>".join(parts)


if __name__ == "__main__":
    _, heading, by_hand = _parts()
    DOCUMENT.write_text(document() + heading + by_hand, encoding="utf-8")

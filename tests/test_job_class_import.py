"""Importing class specifications: what is understood, what is refused and where, and that twice is once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.database import Database
from bot.job_class_import import import_files
from bot.qualifications import resolve
from bot.stores import job_classes
from bot.stores.tables import Base, JobFamily
from tests.job_documents import DESCRIPTOR, SPECIFICATION

REFERRING = "Education and Experience requirements at this level consist of those"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path / 'import.db'}")
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        yield session
    database.close()


def run(
    session: Session, folder: Path, *texts: str | bytes, apply: bool = True, title: str | None = None
) -> tuple[int, str]:
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"document{number}.txt"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        paths.append(path)
    out = io.StringIO()
    return import_files(paths, apply, session, out, title=title), out.getvalue()


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


def test_a_descriptor_is_read_in_full(session: Session, tmp_path: Path) -> None:
    code, said = run(session, tmp_path, DESCRIPTOR)
    assert code == 0, said
    assert "not understood" not in said
    keeper = job_classes.by_code(session, "Z10B")
    assert keeper is not None and keeper.title == "Lighthouse Keeper II"
    assert job_classes.pay_of(keeper) == {
        "hourly": (1825, 2405), "monthly": (316333, 416867), "annual": (3796000, 5002400),
    }  # fmt: skip
    rules = resolve(job_classes.requirements(session, keeper), "II")
    assert rules == [
        {"degree": "associate", "experience_years": 5, "areas": "experience_areas", "experience_for_degree": 1}
    ]
    assert [len(kinds["abilities"]) for _row, kinds in job_classes.resolved_abilities(session, keeper)] == [2, 1]
    assert (keeper.established_on.isoformat(), keeper.revised_on.isoformat()) == ("2015-03-01", "2024-09-30")
    family = job_classes.family_of(session, keeper)
    assert family.details["contact"]["phone"] == "(555) 010-0199"
    assert family.details["source"]["dated"] == "2024-09-30"


def test_a_specification_is_read_in_full(session: Session, tmp_path: Path) -> None:
    code, said = run(session, tmp_path, SPECIFICATION)
    assert code == 0, said
    clerk = job_classes.by_code(session, "999B")
    assert clerk is not None and (clerk.title, clerk.level, clerk.rank) == ("Tide Clerk 2", "2", 2)
    assert job_classes.pay_of(clerk) == {}
    assert clerk.effective_on.isoformat() == "2023-07-01"
    assert clerk.details["desirable_qualifications"]["any_of"] == [
        {"experience_years": 2, "in_class": "Tide Clerk 1"},
        {"combination": "as_printed", "text": "A pilot's licence"},
    ]
    assert clerk.details["legal_requirements"]["work_authorization"] is True
    assert [(h.get("adopted"), h["effective"]) for h in clerk.details["history"]] == [
        ("2019-05-02", "2019-07-01"), ("2023-06-01", "2023-07-01"),
    ]  # fmt: skip
    assert f"not understood, line {line_of(SPECIFICATION, 'A pilot')}: A pilot's licence." in said


def test_the_same_document_twice_changes_nothing(session: Session, tmp_path: Path) -> None:
    run(session, tmp_path, DESCRIPTOR, SPECIFICATION)
    code, said = run(session, tmp_path, DESCRIPTOR, SPECIFICATION)
    assert code == 0
    assert said.count("The store already holds exactly this.") == 2
    assert {f.details["revision"] for f in session.query(JobFamily)} == {1}


def test_without_apply_nothing_is_stored(session: Session, tmp_path: Path) -> None:
    code, said = run(session, tmp_path, DESCRIPTOR, apply=False)
    assert code == 0 and "add --apply" in said
    assert job_classes.count(session) == 0


def test_a_newer_document_shows_the_difference_and_becomes_a_revision(session: Session, tmp_path: Path) -> None:
    run(session, tmp_path, DESCRIPTOR)
    newer = DESCRIPTOR.replace("$24.05", "$25.05").replace("$50,024.00", "$52,104.00").replace("9/30/2024", "1/2/2026")
    _code, said = run(session, tmp_path, newer, apply=False)
    assert "classes.ok_lighthouse_keeper_ii.pay.hourly: ['18.25', '24.05'] -> ['18.25', '25.05']" in said
    assert "source.dated: 2024-09-30 -> 2026-01-02" in said
    _code, said = run(session, tmp_path, newer)
    assert "Stored as revision 2." in said
    keeper = job_classes.by_code(session, "Z10B")
    assert keeper is not None and job_classes.pay_of(keeper)["hourly"] == (1825, 2505)


def test_our_plain_words_stay_while_the_sentence_is_the_same(session: Session, tmp_path: Path) -> None:
    run(session, tmp_path, DESCRIPTOR)
    family = job_classes.family_data(session, "ok_lighthouse_keeper")
    assert family is not None
    duty = family["duties"][0]
    duty.pop("text")
    duty.update(en="Trim the lamps.", es="Recortar las mechas.")
    job_classes.store_family(session, family)
    _code, said = run(session, tmp_path, DESCRIPTOR.replace("Keeps the log of passing ships.", "Keeps the log."))
    kept = job_classes.family_data(session, "ok_lighthouse_keeper")["duties"]  # type: ignore[index]
    assert kept[0]["es"] == "Recortar las mechas."
    assert kept[1]["text"] == "Keeps the log."
    assert "no plain words yet, shown as printed: Keeps the log." in said


def test_a_second_level_of_a_series_joins_the_first(session: Session, tmp_path: Path) -> None:
    run(session, tmp_path, SPECIFICATION)
    third = (
        SPECIFICATION.replace("Tide Clerk 2", "Tide Clerk 3")
        .replace("999B", "999C")
        .replace("Two years as a Tide Clerk 1", "One year as a Tide Clerk 2")
    )
    code, said = run(session, tmp_path, third)
    assert code == 0, said
    assert [c.title for c in job_classes.classes_of(session, "wa_tide_clerk")] == ["Tide Clerk 2", "Tide Clerk 3"]
    assert run(session, tmp_path, SPECIFICATION, third)[1].count("already holds") == 2


def test_a_document_without_a_title_needs_one_or_a_class_with_the_same_work(session: Session, tmp_path: Path) -> None:
    untitled = SPECIFICATION.split("\n", 1)[1]
    code, said = run(session, tmp_path, untitled)
    assert code == 1 and "prints no title" in said
    assert run(session, tmp_path, untitled, title="Tide Clerk 2")[0] == 0
    code, said = run(session, tmp_path, untitled)
    assert code == 0 and "already holds" in said


@pytest.mark.parametrize(
    ("document", "old", "new", "at", "message"),
    [
        (
            DESCRIPTOR,
            "$15.00-$20.00",
            "$25.00-$20.00",
            "$25.00",
            "the hourly minimum $25.00 is above the maximum $20.00",
        ),
        (DESCRIPTOR, "$15.00-$20.00 hourly", "$15-20 an hour", "$15-20", "is not a pay range"),
        (
            DESCRIPTOR,
            "identified in Level I plus three",
            "identified in Level V plus three",
            REFERRING,
            "refers to level V",
        ),
        (
            DESCRIPTOR,
            "identified in Level I plus three",
            "identified in Level II plus three",
            REFERRING,
            "refers to level II",
        ),
        (
            DESCRIPTOR,
            "Those identified in Level I plus ability",
            "Those identified in Level IX plus ability",
            "Those identified",
            "refers to level IX",
        ),
        (
            DESCRIPTOR,
            "Level II:\nThis is the lead",
            "Level IV:\nThis is the lead",
            "Level IV",
            "level IV is not one of I, II",
        ),
        (DESCRIPTOR, "(#Z10B)", "(#Z10A)", "Lighthouse Keeper II (#Z10A)", "class code Z10A is given twice"),
        (DESCRIPTOR, "Lighthouse Keeper II", "Harbor Pilot II", "Harbor Pilot", "another family"),
        (DESCRIPTOR, "CLASS: Z10B", "CLASS: Z10C", "CLASS: Z10C", "has dates but no title"),
        (
            DESCRIPTOR,
            "EST: 3/1/2015; REV: 9/30/2024",
            "EST: 13/41/2015; REV: 9/30/2024",
            "CLASS: Z10A",
            "is not a date",
        ),
        (
            DESCRIPTOR,
            "EST: 3/1/2015; REV: 9/30/2024",
            "EST: 3/1/2025; REV: 9/30/2024",
            "CLASS: Z10A",
            "before it was established",
        ),
        (DESCRIPTOR, "plus three additional", "plus several additional", REFERRING, "not a number of years"),
        (SPECIFICATION, "effective July 1, 2019", "effective July 41, 2019", "New class", "not a day of the calendar"),
        (SPECIFICATION, "effective July 1, 2019", "in force", "New class", "without “effective”"),
        (SPECIFICATION, "Knowledge and Abilities\n", "Typical Work\n", "Typical Work\nKnowledge", "is there twice"),
    ],
)
def test_what_contradicts_itself_is_refused_with_the_line(
    session: Session, tmp_path: Path, document: str, old: str, new: str, at: str, message: str
) -> None:
    broken = document.replace(old, new, 1)
    assert broken != document
    code, said = run(session, tmp_path, broken)
    assert code == 1
    assert f"document0.txt, line {line_of(broken, at)}: " in said and message in said
    assert job_classes.count(session) == 0


@pytest.mark.parametrize("document", [DESCRIPTOR, SPECIFICATION])
def test_cut_off_anywhere_it_is_refused_or_loses_only_its_last_optional_line(
    session: Session, tmp_path: Path, document: str
) -> None:
    lines = document.splitlines()
    last_needed = max(i for i, line in enumerate(lines) if line.startswith(("CLASS:", "New class", "Revised")))
    last_needed -= 1 if document is SPECIFICATION else 0  # A shorter history is a whole document.
    for length in range(last_needed + 1):
        code, said = run(session, tmp_path, "\n".join(lines[:length]))
        assert code == 1 and ", line " in said, lines[length - 1 : length]
    assert job_classes.count(session) == 0


@pytest.mark.parametrize(
    ("data", "line"), [(b"one\ntwo\n\xff\xfe\x80", 3), (b"%PDF-1.4\n\x00\x01", 2), (b"", 1), (b"Dear sir,\nhello", 1)]
)
def test_what_is_no_specification_is_refused(session: Session, tmp_path: Path, data: bytes, line: int) -> None:
    code, said = run(session, tmp_path, data)
    assert code == 1 and f"document0.txt, line {line}: " in said


def test_one_bad_file_keeps_the_good_ones_out_too(session: Session, tmp_path: Path) -> None:
    code, said = run(session, tmp_path, DESCRIPTOR, "nonsense")
    assert code == 1 and "Nothing was stored." in said
    assert job_classes.count(session) == 0


def test_a_missing_file_is_named(session: Session, tmp_path: Path) -> None:
    out = io.StringIO()
    assert import_files([tmp_path / "absent.txt"], True, session, out) == 1
    assert "absent.txt: can't be opened" in out.getvalue()


def test_pay_that_does_not_add_up_is_pointed_out(session: Session, tmp_path: Path) -> None:
    _code, said = run(session, tmp_path, DESCRIPTOR.replace("$41,600.00 annual", "$61,600.00 annual"))
    assert "check: line 4: the annual maximum is not 2,080 hours of the hourly one" in said


def test_seeding_again_leaves_an_imported_family_alone(session: Session, tmp_path: Path) -> None:
    assert job_classes.seed(session) == 2
    family = job_classes.family_data(session, "ok_insurance_benefits_specialist")
    assert family is not None
    family["classes"][0]["pay"]["hourly"] = ["11.98", "21.13"]
    job_classes.store_family(session, family, note="import of newer.txt")
    assert job_classes.seed(session) == 0
    row = job_classes.by_code(session, "A32A")
    assert row is not None and job_classes.pay_of(row)["hourly"] == (1198, 2113)

"""The class store: exact figures in, exact figures out, and every way to find a class."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from bot.database import Database
from bot.qualifications import resolve
from bot.stores import job_classes, job_search
from bot.stores.job_classes import JobDataError
from bot.stores.tables import Base, JobFamily

OKLAHOMA, WASHINGTON = "ok_insurance_benefits_specialist", "wa_es_benefits_specialist"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.db'}")
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        job_classes.seed(session)
    yield database
    database.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.snapshot() as session:
        yield session


def test_five_classes_are_seeded_and_seeding_again_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        assert job_classes.count(session) == 5
        assert job_classes.seed(session) == 0


@pytest.mark.parametrize(
    ("code", "level", "hourly", "monthly", "annual"),
    [
        ("A32A", "I", (1098, 2013), (190364, 349001), (2284371, 4188014)),
        ("A32B", "II", (1208, 2215), (209399, 383898), (2512784, 4606771)),
        ("A32C", "III", (1338, 2453), (231894, 425139), (2782727, 5101665)),
        ("A32D", "IV", (1471, 2697), (254943, 467396), (3059320, 5608754)),
    ],
)
def test_pay_and_dates_are_those_of_the_descriptor(
    session: Session, code: str, level: str, hourly: tuple, monthly: tuple, annual: tuple
) -> None:
    row = job_classes.by_code(session, code)
    assert row is not None and row.level == level and row.title == f"Insurance Benefits Specialist {level}"
    assert job_classes.pay_of(row) == {"hourly": hourly, "monthly": monthly, "annual": annual}
    assert (row.established_on.isoformat(), row.revised_on.isoformat()) == ("2007-08-20", "2012-07-02")


def test_what_washington_does_not_print_is_not_stored(session: Session) -> None:
    (row,) = job_classes.classes_of(session, WASHINGTON)
    assert row.code is None and job_classes.pay_of(row) == {}
    assert row.details.get("minimum_qualifications") is None and row.details.get("descriptor") is None
    assert row.effective_on.isoformat() == "2025-07-01"
    assert len(row.details["duties"]) == 15
    assert [h["effective"] for h in row.details["history"]] == ["2023-07-01", "2024-06-06", "2025-07-01"]


def test_inheritance_is_stored_as_such_and_resolves(session: Session) -> None:
    rows = job_classes.classes_of(session, OKLAHOMA)
    stored = [row.details["minimum_qualifications"] for row in rows]
    assert stored[1] == {"same_as": "I", "additional_experience_years": 1}
    assert stored[3] == {"same_as": "III", "additional_experience_years": 0}
    rules = job_classes.requirements(session, rows[0])
    assert [resolve(rules, level)[0]["experience_years"] for level in ("I", "II", "III", "IV")] == [1, 2, 3, 3]
    chain = job_classes.resolved_abilities(session, rows[3])
    assert [row.level for row, _kinds in chain] == ["I", "II", "III", "IV"]


def test_a_family_comes_back_as_it_was_stored(session: Session) -> None:
    for family in job_classes.read_folder():
        assert job_classes.differences(job_classes.family_data(session, family["id"]), family) == []


def test_every_text_has_both_languages() -> None:
    def texts(value: object, where: str) -> Iterator[tuple[str, dict]]:
        if isinstance(value, dict):
            if "en" in value or "es" in value:
                yield where, value
            for key, item in value.items():
                yield from texts(item, f"{where}.{key}")
        elif isinstance(value, list):
            for number, item in enumerate(value):
                yield from texts(item, f"{where}[{number}]")

    for family in job_classes.read_folder():
        for where, value in texts(family, family["id"]):
            assert value.get("en") and value.get("es"), where


def test_the_agencys_sentences_are_not_copied() -> None:
    for family in job_classes.read_folder():
        for entry in [family, *family["classes"]]:
            for kind in ("duties", "knowledge", "abilities"):
                for item in entry.get(kind) or []:
                    assert "text" not in item
                    assert job_classes.printed_key(item["en"]) != item["printed"]


@pytest.mark.parametrize(
    ("title", "families"),
    [
        ("Insurance Benefits Specialist", [OKLAHOMA]),
        ("insurance benefits specialist ii", [OKLAHOMA]),
        ("insurance benefit speciallist", [OKLAHOMA]),
        ("ES Benefits Specialist 2", [WASHINGTON]),
        ("especialista en desempleo", [WASHINGTON]),
        ("claims analyst", [OKLAHOMA]),
        ("astronaut", []),
    ],
)
def test_families_are_found_by_title_other_name_and_typo(session: Session, title: str, families: list[str]) -> None:
    assert [family.id for family in job_classes.families_titled(session, title)] == families


@pytest.mark.parametrize(("level", "ids"), [("II", 2), ("2", 2), ("IV", 1), ("9", 0), ("x", 0)])
def test_levels_may_be_written_either_way(session: Session, level: str, ids: int) -> None:
    assert len(job_classes.at_level(session, level)) == ids


def test_a_code_is_found_in_any_capitals(session: Session) -> None:
    assert job_classes.by_code(session, "a32 b").level == "II"  # type: ignore[union-attr]
    assert job_classes.by_code(session, "180B") is None


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("unemployment adjudication", WASHINGTON),
        ("unemploymnt adjudicaton", WASHINGTON),
        ("employers' quarterly tax and wage reports", WASHINGTON),
        ("sobrepagos", WASHINGTON),
        ("medical claims", OKLAHOMA),
        ("reclamos medicos", OKLAHOMA),
        ("supervise a unit", OKLAHOMA),
    ],
)
def test_search_finds_by_duty_with_typos_and_in_both_languages(session: Session, words: str, first: str) -> None:
    found = job_search.search(session, words)
    assert found.ids and found.ids[0].startswith(first)


def test_pay_filters_compare_the_stated_range_and_set_the_unstated_apart(session: Session) -> None:
    over = job_search.search(session, "", pay_at_least=45_000_00)
    assert [i[-2:] for i in over.ids] == ["ii", "ii", "iv"] and over.pay_not_stated == [f"{WASHINGTON}_2"]
    assert len(job_search.search(session, "", pay_at_least=46_067_71).ids) == 3
    assert len(job_search.search(session, "", pay_at_least=46_067_72).ids) == 2
    assert len(job_search.search(session, "", pay_at_most=12_07, period="hourly").ids) == 1
    assert len(job_search.search(session, "", pay_at_least=45_000_00, no_supervising=True).ids) == 2


def test_nothing_is_found_for_words_that_fit_nothing(session: Session) -> None:
    assert job_search.search(session, "underwater basket weaving").ids == []


def test_a_change_is_searched_at_once_and_counts_the_revision_up(database: Database) -> None:
    family = next(f for f in job_classes.read_folder() if f["id"] == WASHINGTON)
    changed = copy.deepcopy(family)
    changed["aliases"]["en"].append("zeppelin pilot")
    with database.transaction() as session:
        assert not job_search.search(session, "zeppelin").ids
        (change,) = job_classes.store_family(session, changed, note="test")
        assert change.path == "aliases.en"
        assert job_search.search(session, "zeppelin").ids == [f"{WASHINGTON}_2"]
        assert session.get(JobFamily, WASHINGTON).details["revision"] == 2
        job_classes.store_family(session, family, note="seed")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("pay", "hourly"), ["20.13", "10.98"], "minimum 20.13 is above the maximum 10.98"),
        (("pay", "hourly"), ["10.985", "20.13"], "parts of a cent"),
        (("pay", "weekly"), ["1", "2"], "'weekly' is not one of"),
        (("minimum_qualifications",), {"same_as": "V"}, "names level V"),
        (("includes",), "I", "names level I"),
        (("title",), "", "'id' and 'title' are needed"),
    ],
)
def test_data_that_contradicts_itself_is_refused_by_name(path: tuple[str, ...], value: object, message: str) -> None:
    family = copy.deepcopy(next(f for f in job_classes.read_folder() if f["id"] == OKLAHOMA))
    target = family["classes"][0]
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(JobDataError, match=message):
        job_classes.check(family)

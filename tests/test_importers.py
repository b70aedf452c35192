"""Whatever bytes the importers are given, they store what is good or say what is bad; nothing else happens."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot import job_class_import
from bot.database import Database
from bot.job_document import SpecificationError
from bot.stores.claims_import import ImportRefused, import_claims
from bot.stores.tables import Claim, Claimant, JobClass
from tests.job_documents import DESCRIPTOR, SPECIFICATION

NOW = datetime(2026, 11, 21, 19, tzinfo=timezone.utc)
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner)
)
_names = st.sampled_from(
    ["claim_number", "name", "date_of_birth", "born_on", "program", "status", "filed_on", "payments", "language"]
)
_rows = st.dictionaries(_names | st.text(max_size=6), _values, max_size=9)


def count(database: Database, table: Any) -> int:
    with database.snapshot() as session:
        return int(session.execute(select(func.count()).select_from(table)).scalar_one())


def import_bytes(database: Database, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    before = count(database, Claim), count(database, Claimant)
    try:
        with database.transaction() as session:
            report = import_claims(session, file, now=NOW)
    except ImportRefused as refused:
        assert refused.report.bad_count > 0 and all(bad.line >= 1 and bad.reason for bad in refused.report.bad)
        assert (count(database, Claim), count(database, Claimant)) == before
    else:
        assert report.bad_count == 0
        assert count(database, Claim) == before[0] + report.added


@FEW
@given(rows=st.lists(_rows, max_size=4))
def test_any_json_lines_of_claims_are_stored_whole_or_refused(database: Database, tmp_path: Path, rows: Any) -> None:
    import_bytes(database, tmp_path / "claims.jsonl", "\n".join(map(json.dumps, rows)).encode())


@FEW
@given(
    content=st.binary(max_size=400)
    | st.text(alphabet='claim_number,;"\n UI-0123456789=+@', max_size=400).map(str.encode)
)
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_any_bytes_of_claims_are_stored_whole_or_refused(
    database: Database, tmp_path: Path, content: bytes, ending: str
) -> None:
    import_bytes(database, tmp_path / f"claims.{ending}", content)


@FEW
@given(
    document=st.sampled_from([DESCRIPTOR, SPECIFICATION]),
    cut=st.tuples(st.floats(0, 1), st.floats(0, 0.3)),
    put=st.text(max_size=40) | st.sampled_from(["\n", "LEVEL IX", "$99,999,999", "ANNUAL SALARY", "\n\n\n"]),
)
def test_any_change_to_a_class_document_is_read_or_refused_with_its_line(
    database: Database, document: str, cut: tuple[float, float], put: str
) -> None:
    start = int(cut[0] * len(document))
    changed = document[:start] + put + document[start + int(cut[1] * len(document)) :]
    before = count(database, JobClass)
    with database.transaction() as session:
        try:
            read = job_class_import.read(changed, session)
            assert read.family
        except SpecificationError as error:
            assert error.line >= 1
            assert str(error).startswith(f"line {error.line}: ")
    assert count(database, JobClass) == before

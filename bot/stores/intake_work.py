"""The specialists' work on intakes that were filed: finding them, taking one, finishing it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from bot.clock import iso_or_none
from bot.stores.tables import Intake, Specialist
from bot.stores.vocabulary import IntakeKind, IntakeOutcome, IntakeProgress, IntakeState, Program

MOST_LISTED = 200


class AlreadyTaken(Exception):
    """A colleague, `alias`, has this intake."""

    def __init__(self, alias: str) -> None:
        super().__init__(alias)
        self.alias = alias


class NotTheirs(Exception):
    """The intake is not in the hands of this specialist."""


@dataclass(frozen=True)
class Wanted:
    """Which intakes to list; None (or empty) leaves a part open. `programs` are those one may work on, None for all."""

    programs: Collection[str] | None = None
    progress: IntakeProgress | None = None
    undone: bool = False
    specialist_id: int | None = None
    kind: IntakeKind | None = None
    program: Program | None = None
    language: str | None = None
    late: bool = False
    receipt: str = ""


def progress_of(intake: Intake) -> IntakeProgress:
    """How far the work on a filed intake is."""
    if intake.finished_at is not None:
        return IntakeProgress.DONE
    return IntakeProgress.NEW if intake.specialist_id is None else IntakeProgress.IN_HAND


def listing(session: Session, wanted: Wanted, most: int = MOST_LISTED) -> tuple[list[dict[str, Any]], int]:
    """At most `most` of the filed intakes wanted, without what was answered, and how many there are of them.

    What is still to be done comes first, the oldest of it on top; what is done follows, the newest on top.
    """
    conditions = _conditions(wanted)
    total = session.execute(select(func.count()).select_from(Intake).where(*conditions)).scalar_one()
    open_first = select(Intake, Specialist.alias).outerjoin(Specialist, Specialist.id == Intake.specialist_id)
    rows = session.execute(
        open_first.where(*conditions, Intake.finished_at.is_(None)).order_by(Intake.filed_at, Intake.id).limit(most)
    ).all()
    wants_done = not wanted.undone and wanted.progress in (None, IntakeProgress.DONE)
    if len(rows) < most and wants_done:
        rows += session.execute(
            open_first.where(*conditions, Intake.finished_at.is_not(None))
            .order_by(Intake.finished_at.desc(), Intake.id.desc())
            .limit(most - len(rows))
        ).all()
    return [as_json(intake, alias) for intake, alias in rows], total


def one(session: Session, intake_id: int, programs: Collection[str] | None) -> tuple[Intake, str | None]:
    """A filed intake of these programs (None: of any) and the alias of who has it; raises LookupError."""
    row = session.execute(
        select(Intake, Specialist.alias)
        .outerjoin(Specialist, Specialist.id == Intake.specialist_id)
        .where(Intake.id == intake_id, Intake.state == IntakeState.FILED, *_of_programs(programs))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise LookupError("no such intake")
    return row.Intake, row.alias


def take(session: Session, intake_id: int, specialist_id: int, now: datetime) -> None:
    """Give a new intake to a specialist; of two at once one gets it.

    Raises AlreadyTaken when a colleague has it, NotTheirs when it is done.
    """
    if _change(session, intake_id, Intake.specialist_id.is_(None), specialist_id=specialist_id, taken_at=now, now=now):
        return
    intake, alias = one(session, intake_id, None)
    if intake.finished_at is not None:
        raise NotTheirs
    if intake.specialist_id != specialist_id:
        raise AlreadyTaken(str(alias))


def put_back(session: Session, intake_id: int, specialist_id: int | None, now: datetime) -> None:
    """Make an intake new again; raises NotTheirs unless it is in the hands of this specialist (None: of anybody)."""
    theirs = Intake.specialist_id.is_not(None) if specialist_id is None else Intake.specialist_id == specialist_id
    if not _change(session, intake_id, theirs, specialist_id=None, taken_at=None, now=now):
        raise NotTheirs


def finish(
    session: Session, intake_id: int, specialist_id: int, outcome: IntakeOutcome, note: str, now: datetime
) -> None:
    """End the work on an intake; `note` is for colleagues. Raises NotTheirs unless this specialist has it."""
    theirs = Intake.specialist_id == specialist_id
    if not _change(session, intake_id, theirs, outcome=outcome, note=note or None, finished_at=now, now=now):
        raise NotTheirs


def as_json(intake: Intake, alias: str | None) -> dict[str, Any]:
    """An intake as a line of the work list; it holds nothing of what was answered and no claim."""
    return {
        "id": intake.id,
        "kind": str(intake.kind),
        "program": None if intake.program is None else str(intake.program),
        "language": intake.language,
        "receipt": intake.receipt,
        "filed_at": iso_or_none(intake.filed_at),
        "is_late": intake.is_late,
        "progress": str(progress_of(intake)),
        "specialist": None if intake.specialist_id is None else {"id": intake.specialist_id, "alias": alias},
        "taken_at": iso_or_none(intake.taken_at),
        "finished_at": iso_or_none(intake.finished_at),
        "outcome": None if intake.outcome is None else str(intake.outcome),
    }


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [Intake.state == IntakeState.FILED, *_of_programs(wanted.programs)]
    if wanted.progress is not None:
        done = wanted.progress is IntakeProgress.DONE
        conditions.append(Intake.finished_at.is_not(None) if done else Intake.finished_at.is_(None))
        if not done:
            taken = wanted.progress is IntakeProgress.IN_HAND
            conditions.append(Intake.specialist_id.is_not(None) if taken else Intake.specialist_id.is_(None))
    for column, value in (
        (Intake.specialist_id, wanted.specialist_id),
        (Intake.kind, wanted.kind),
        (Intake.program, wanted.program),
        (Intake.language, wanted.language),
        (Intake.receipt, wanted.receipt or None),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.undone:
        conditions.append(Intake.finished_at.is_(None))
    if wanted.late:
        conditions.append(Intake.is_late.is_(True))
    return conditions


def _of_programs(programs: Collection[str] | None) -> list[ColumnElement[bool]]:
    # As with the routing of conversations, what belongs to no program is everybody's.
    return [] if programs is None else [or_(Intake.program.is_(None), Intake.program.in_(sorted(programs)))]


def _change(session: Session, intake_id: int, condition: ColumnElement[bool], now: datetime, **values: Any) -> bool:
    """Change an intake that is filed, not done and as the condition says; False when somebody was first."""
    return bool(
        session.execute(
            update(Intake)
            .where(
                Intake.id == intake_id,
                Intake.state == IntakeState.FILED,
                Intake.finished_at.is_(None),
                condition,
            )
            .values(changed_at=now, **values)
            .execution_options(synchronize_session=False)
        ).rowcount
    )

"""Reading published class specifications: the text layouts of Oklahoma's job family descriptors and Washington's
class specifications become the data of the class store.

A document is read in full before anything is stored. What it states is data; sentences keep their fingerprint, and
where the store already holds our plain words for the same sentence, these stay. A document that is cut off, can't
be read or contradicts itself is refused with the number of the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy.orm import Session

from bot import job_descriptor, job_specification
from bot.job_document import Read, Row, SpecificationError
from bot.stores import job_classes
from bot.stores.job_classes import JobDataError
from bot.stores.tables import JobFamily

MAX_BYTES = 1_000_000


def import_files(
    paths: Sequence[str | Path],
    apply: bool,
    session: Session,
    out: TextIO,
    *,
    title: str | None = None,
) -> int:
    """Read every file, show what each says and what would change, and store it when `apply` is set.

    `title` names the class of a document that prints none. Returns 0, or 1 when a file was refused; then nothing
    at all is stored. The caller owns the transaction.
    """
    documents = []
    failed = False
    for path in map(Path, paths):
        try:
            document = read(_text(path), session, title=title)
            job_classes.check(document.family)
        except SpecificationError as error:
            print(f"{path.name}, {error}", file=out)
            failed = True
        except JobDataError as error:
            print(f"{path.name}, line 1: {error}", file=out)
            failed = True
        except OSError as error:
            print(f"{path.name}: can't be opened ({error.strerror})", file=out)
            failed = True
        else:
            documents.append((path, document))
    if failed:
        print("Nothing was stored.", file=out)
        return 1
    for path, document in documents:
        _show(path, document, session, out, apply)
    return 0


def _text(path: Path) -> str:
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise SpecificationError(1, f"the file is larger than {MAX_BYTES:,} bytes; this is no class specification")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SpecificationError(line, "not readable as UTF-8 text; save the document as plain text") from None
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise SpecificationError(line, "not text; save the document as plain text")
    return text


def _show(path: Path, document: Read, session: Session, out: TextIO, apply: bool) -> None:
    family = document.family
    print(f"{path.name}: {family['document_type']}, {family['title']}", file=out)
    for line in document.understood:
        print(f"  understood: {line}", file=out)
    for row in document.not_understood:
        print(f"  not understood, line {row.number}: {_short(row.text)}", file=out)
    for doubt in document.doubts:
        print(f"  check: {doubt}", file=out)
    for name in _without_plain_words(family):
        print(f"  no plain words yet, shown as printed: {_short(name)}", file=out)
    changes = job_classes.differences(job_classes.family_data(session, family["id"]), family)
    if not changes:
        print("  The store already holds exactly this.", file=out)
        return
    for change in changes:
        print(f"  {change.path}: {_short(change.before)} -> {_short(change.after)}", file=out)
    if apply:
        job_classes.store_family(session, family, note=f"import of {path.name}")
        stored = session.get(JobFamily, family["id"])
        print(f"  Stored as revision {stored.details['revision']}.", file=out)
    else:
        print("  Nothing was stored; add --apply to store it.", file=out)


def _short(value: Any, limit: int = 100) -> str:
    if value is None:
        return "nothing"
    text = str(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _without_plain_words(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if "text" in value and "en" not in value:
            yield str(value["text"])
        for item in value.values():
            yield from _without_plain_words(item)
    elif isinstance(value, list):
        for item in value:
            yield from _without_plain_words(item)


def read(text: str, session: Session, *, title: str | None = None) -> Read:
    """Read one document in either layout; raises SpecificationError naming the line."""
    rows = [Row(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not rows:
        raise SpecificationError(1, "the document is empty")
    if job_descriptor.is_one(rows):
        return job_descriptor.read(rows, session)
    if job_specification.is_one(rows):
        return job_specification.read(rows, session, title)
    raise SpecificationError(
        rows[0].number,
        "neither a job family descriptor nor a class specification: no class title and no heading found",
    )

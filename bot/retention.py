"""The periods of `data/retention.yml`, checked against the tables when they are read."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import timedelta

from bot.settings import PROJECT_ROOT, SettingsError
from bot.stores.tables import Base
from bot.yaml_files import read_yaml

FILE = PROJECT_ROOT / "data" / "retention.yml"


@dataclass(frozen=True)
class Kind:
    """One kind of data: its rows are due `keep` after the moment in the column `since`."""

    name: str
    table: str
    since: str
    keep: timedelta


@functools.cache
def kinds() -> tuple[Kind, ...]:
    """Every kind that is deleted some day; raises SettingsError when the file names what is not there."""
    found = []
    for name, spec in read_yaml(FILE)["kinds"].items():
        table = Base.metadata.tables.get(spec["table"])
        if table is None or spec["since"] not in table.c:
            raise SettingsError(
                f"data/retention.yml: {name} names {spec['table']}.{spec['since']}, which is no column."
            )
        if not isinstance(spec["days"], int) or spec["days"] < 1:
            raise SettingsError(f"data/retention.yml: {name} needs a whole number of days, 1 or more.")
        found.append(Kind(name, spec["table"], spec["since"], timedelta(days=spec["days"])))
    return tuple(found)


@functools.cache
def kept_tables() -> frozenset[str]:
    """The tables that outlive a conversation: those never deleted, and those with a period of their own."""
    with_conversation = {name for spec in read_yaml(FILE)["kinds"].values() for name in spec.get("with", ())}
    own_period = {kind.table for kind in kinds()} - with_conversation - {"conversations"}
    return frozenset(read_yaml(FILE)["kept"]) | frozenset(own_period)


def named_tables() -> list[str]:
    """Every table the file decides about, one entry a mention as a kind's own, as `with`, or as kept."""
    spec = read_yaml(FILE)
    attached = {name for kind in spec["kinds"].values() for name in kind.get("with", ())}
    return sorted({kind["table"] for kind in spec["kinds"].values()} | attached | set(spec["kept"]))

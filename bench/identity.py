"""Whether the time of a refused try tells what was wrong: `python -m bench.identity [--tries 400] [--postgresql]`.

Makes a throw-away database with demo claims and one claim without a PIN, then tries the four kinds of wrong details in
turn, each in a conversation of its own, as the gateway does: count, check, end. Prints median and 95th percentile of
each kind and, for each against a claim that does not exist, the p-value of a two-sided Mann-Whitney test.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from scipy.stats import mannwhitneyu
from sqlalchemy import select, update

from bot import clock, migrations, seeding
from bot.database import Database
from bot.stores import identity
from bot.stores.demo_claims import demo_pin
from bot.stores.identity import Attempt, IdentityLimits
from bot.stores.tables import Claim, Claimant, Conversation
from bot.stores.vocabulary import ClaimStatus
from tests.servers import postgres_server

# So generous that no try of the bench is locked.
LIMITS = IdentityLimits(tries=10**6, tries_per_claim=10**6, key=b"bench")
NOBODYS = "UI-00000001"
Details = tuple[str, str, str]


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=400, help="Tries of each kind.")
    parser.add_argument("--postgresql", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.postgresql:
            with postgres_server(Path(folder) / "postgresql") as url:
                measure(url, options.tries)
        else:
            measure(f"sqlite:///{folder}/bench.db", options.tries)


def measure(url: str, tries: int) -> None:
    """Try each kind of wrong details `tries` times, in an order made by chance anew each round."""
    database = Database(url)
    migrations.upgrade(database.engine)
    with database.transaction() as session:
        seeding.seed(session, with_demo_claims=True, as_of=seeding.today())
    kinds = _kinds(database)
    with database.transaction() as session:
        now = clock.now()
        for number in range(tries):
            name = f"bench{number}"
            session.add(Conversation(id=name, token_hash="-", locale="en", created_at=now, last_message_at=now))
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    chance = random.Random(7)
    for number in range(tries):
        for kind in chance.sample(list(kinds), len(kinds)):
            times[kind].append(_try(database, f"bench{number}", kinds[kind]))
    database.close()
    unknown = times["no such claim"]
    print("| what is wrong | median | 95th percentile | differs from no such claim |\n|---|---|---|---|")
    for kind, seconds in times.items():
        ordered = sorted(seconds)
        p = "" if kind == "no such claim" else f"p = {mannwhitneyu(seconds, unknown).pvalue:.2f}"
        median, late = ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.95)] * 1000
        print(f"| {kind} | {median:.1f} ms | {late:.1f} ms | {p} |")


def _kinds(database: Database) -> dict[str, Details]:
    with database.transaction() as session:
        of_paying = select(Claim.id, Claim.claim_number, Claimant.born_on).join(
            Claimant, Claimant.id == Claim.claimant_id
        )
        # A claim of its own for each kind, so that each kind's tries are as many to count.
        first, second, third = session.execute(of_paying.where(Claim.status == ClaimStatus.PAYING).limit(3)).all()
        session.execute(update(Claim).where(Claim.id == second.id).values(pin_hash=None))
    born_on, pin = first.born_on.isoformat(), demo_pin(first.claim_number)
    wrong = "000000" if demo_pin(third.claim_number) != "000000" else "000001"
    return {
        "no such claim": (NOBODYS, born_on, pin),
        "wrong birth date": (first.claim_number, "1901-01-01", pin),
        "wrong PIN": (third.claim_number, third.born_on.isoformat(), wrong),
        "claim without a PIN": (second.claim_number, second.born_on.isoformat(), pin),
    }


def _try(database: Database, conversation_id: str, details: Details) -> float:
    began = time.perf_counter()
    with database.transaction() as session:
        attempt = identity.begin_try(session, conversation_id, *details, now=clock.now(), limits=LIMITS)
    assert isinstance(attempt, Attempt)
    fits = identity.details_fit(attempt)
    with database.transaction() as session:
        identity.end_try(session, attempt, fits, now=clock.now())
    seconds = time.perf_counter() - began
    assert not fits
    return seconds


if __name__ == "__main__":
    main()

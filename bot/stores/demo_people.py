"""Made-up claimants and their claims: nobody in them exists, and the same seed makes the same ones."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from bot.stores import demo_insurance, demo_unemployment
from bot.stores.demo_rows import DemoClaim
from bot.stores.vocabulary import ClaimStatus, Program

# A first word that says "not a person" and the name of a plant: nobody could take these for someone.
FIRST_WORDS = ("Test", "Sample", "Demo", "Example", "Mock", "Pretend", "Specimen", "Practice", "Fictional")
LAST_WORDS = tuple(
    [
        "Marigold",
        "Juniper",
        "Sorrel",
        "Bluebell",
        "Tamarack",
        "Thistle",
        "Camellia",
        "Larkspur",
        "Snowberry",
        "Foxglove",
        "Primrose",
        "Cattail",
        "Dogwood",
        "Huckleberry",
        "Buttercup",
        "Wisteria",
        "Yarrow",
        "Hemlock",
        "Magnolia",
        "Peppergrass",
        "Trillium",
        "Salal",
        "Gooseberry",
        "Mistletoe",
        "Chestnut",
        "Lavender",
    ]
)
_SHARES = {
    ClaimStatus.RECEIVED: 14,
    ClaimStatus.WAITING_WEEK: 14,
    ClaimStatus.IDENTITY_CHECK: 16,
    ClaimStatus.ADJUDICATION: 40,
    ClaimStatus.PAYING: 34,
    ClaimStatus.STOPPED: 12,
    ClaimStatus.DENIED: 20,
    ClaimStatus.APPEAL_FILED: 12,
    ClaimStatus.HEARING_SET: 12,
    ClaimStatus.DECIDED: 12,
    ClaimStatus.OVERPAYMENT: 14,
    ClaimStatus.EXHAUSTED: 10,
    ClaimStatus.CLOSED: 10,
    ClaimStatus.HEALTH_RECEIVED: 16,
    ClaimStatus.HEALTH_INFO_NEEDED: 16,
    ClaimStatus.HEALTH_PROCESSED: 20,
    ClaimStatus.HEALTH_DENIED: 16,
    ClaimStatus.HEALTH_ADJUSTED: 12,
}
_PAIRS_OF_UNEMPLOYMENT, _PAIRS_OF_INSURANCE = 8, 12
_MAKERS = {**demo_unemployment.MAKERS, **demo_insurance.MAKERS}


@dataclass
class DemoClaimant:
    """A made-up person and their one or two claims."""

    name: str
    born_on: date
    language: str
    claims: list[DemoClaim]


def generate(as_of: date, *, seed: int = 2026, count: int = 300) -> list[DemoClaimant]:
    """`count` claims over every status as they stand at the start of `as_of`, with their claimants."""
    rng = random.Random(seed)
    numbers = _claim_numbers(rng, count)
    claims = [_MAKERS[status](rng, as_of, nth) for status, share in _scaled(count).items() for nth in range(share)]
    for claim in claims:
        prefix = "HC" if claim.claim["program"] is Program.OK_INSURANCE else "UI"
        claim.claim["claim_number"] = f"{prefix}-{numbers.pop()}"
    people = [_person(rng, as_of, belongings) for belongings in _pair_up(claims)]
    rng.shuffle(people)
    return people


def _scaled(count: int) -> dict[ClaimStatus, int]:
    """How many claims of each status; every status has at least one, so `count` has to allow for that."""
    if count < len(_SHARES):
        raise ValueError(f"at least {len(_SHARES)} claims are needed to cover every status")
    total = sum(_SHARES.values())
    scaled = {status: max(1, share * count // total) for status, share in _SHARES.items()}
    while sum(scaled.values()) > count:
        scaled[max(scaled, key=lambda status: scaled[status])] -= 1
    scaled[ClaimStatus.ADJUDICATION] += count - sum(scaled.values())
    return scaled


def _claim_numbers(rng: random.Random, count: int) -> list[int]:
    numbers: set[int] = set()
    while len(numbers) < count:
        numbers.add(rng.randrange(10_000_000, 100_000_000))
    ordered = sorted(numbers)
    rng.shuffle(ordered)
    return ordered


def _pair_up(claims: list[DemoClaim]) -> list[list[DemoClaim]]:
    """Give some claimants two claims: an old closed one and a new one, or two insurance claims."""
    by_status: dict[ClaimStatus, list[DemoClaim]] = {}
    for claim in claims:
        by_status.setdefault(claim.claim["status"], []).append(claim)
    people: list[list[DemoClaim]] = []
    for older, newer, most in (
        (ClaimStatus.CLOSED, ClaimStatus.PAYING, _PAIRS_OF_UNEMPLOYMENT),
        (ClaimStatus.HEALTH_PROCESSED, ClaimStatus.HEALTH_RECEIVED, _PAIRS_OF_INSURANCE),
    ):
        pairs = min(most, len(by_status.get(older, [])) - 1, len(by_status.get(newer, [])) - 1)
        for _ in range(max(0, pairs)):
            people.append([by_status[older].pop(), by_status[newer].pop()])
    people.extend([claim] for group in by_status.values() for claim in group)
    return people


def _person(rng: random.Random, as_of: date, claims: list[DemoClaim]) -> DemoClaimant:
    born_on = as_of - timedelta(days=rng.randrange(20 * 365 + 5, 68 * 365))
    language = "es" if rng.random() < 0.25 else "en"
    return DemoClaimant(f"{rng.choice(FIRST_WORDS)} {rng.choice(LAST_WORDS)}", born_on, language, claims)


def is_made_up(name: str) -> bool:
    """Whether a name is one of those made here."""
    first, _, last = name.partition(" ")
    return first in FIRST_WORDS and last in LAST_WORDS

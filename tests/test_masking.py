"""Secret numbers are masked, and numbers that people need are not."""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import masking as generated
from bot.masking import MASK, hide_birth_dates, hide_proof, holds_proof, is_bare_number, mask, tells_birth_date


@pytest.mark.parametrize(
    "text",
    [
        "123-45-6789",
        "my ssn is 123 45 6789 thanks",
        "ssn:123456789",
        "123.45.6789",
        "912-70-1234",
        "mi seguro social es 123-45-6789",
        "4111 1111 1111 1111",
        "card 4111111111111111 exp 09/28",
        "routing 125000024 account 0012345678",
        "my bank account number is 12345678",
        "mi cuenta del banco 123456789012",
        "the last four of my social are 6789",
    ],
)
def test_secret_numbers_lose_every_digit(text: str) -> None:
    masked = mask(text)
    assert MASK in masked
    kept = "".join(character for character in masked if character.isdigit())
    assert kept in ("", "0928")


@pytest.mark.parametrize(
    "text",
    [
        "UI-40281735",
        "my claim is ui40281735",
        "HC 51071205",
        "call 800-318-6022",
        "(405) 521-2177",
        "I earn $12.50 for 38 hours",
        "level III A32C pays 51,016.65",
        "since 2026-10-31, about 3 weeks",
        "zip 98101-1234",
        "my bank sent it on 2026-11-20",
        "i owe 2400 and i have 4 years",
        "my account is UI-40281735",
    ],
)
def test_numbers_people_need_stay(text: str) -> None:
    assert mask(text) == text


@given(st.text())
def test_masking_never_fails_and_never_changes_the_length(text: str) -> None:
    assert len(mask(text)) == len(text)


@given(st.integers(1, 899), st.integers(1, 99), st.integers(1, 9999), st.sampled_from(["-", " ", ".", "", " - "]))
def test_any_social_security_number_is_masked(area: int, group: int, serial: int, separator: str) -> None:
    number = separator.join((f"{area:03}", f"{group:02}", f"{serial:04}"))
    assert not any(character.isdigit() for character in mask(f"it is {number} ok"))


@given(st.lists(st.integers(0, 9), min_size=14, max_size=15), st.sampled_from(["", " ", "-"]))
def test_any_card_number_is_masked(digits: list[int], separator: str) -> None:
    total = sum(d if i % 2 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits)))
    number = [*digits, (10 - total % 10) % 10]
    written = separator.join(str(digit) for digit in number)
    assert not any(character.isdigit() for character in mask(f"card {written}"))


@given(st.text(alphabet=string.digits + " .-/$,:#abiknpst", max_size=300))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.text(alphabet=string.ascii_letters + " .,!?", max_size=60), st.integers(1, 9999))
def test_a_pin_after_its_word_is_masked_whatever_stands_around_it(around: str, number: int) -> None:
    pin = f"{number:04}"
    assert pin not in mask(f"{around} my pin is {pin} {around}")


@pytest.mark.parametrize(
    "text",
    ["1" * 2000, "1 " * 1000, "1-" * 1000, "account " * 250, "pin" + ":" * 1997, "one " * 500, "4111 " * 400],
)
def test_a_text_made_to_be_slow_is_masked_in_time(text: str) -> None:
    began = time.process_time()
    mask(text)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("text", ["6789", "it is 6789", "12 3456 789", "4821 thanks", "0012345678"])
def test_a_bare_number_is_masked_when_a_secret_was_asked_for(text: str) -> None:
    assert is_bare_number(text)
    asked = mask(text, "What are the last four digits of your Social Security number?")
    assert not any(character.isdigit() for character in asked)
    assert mask(text, "How many hours did you work?") == mask(text)


def test_generated_secrets_vanish_and_generated_look_alikes_stay() -> None:
    scores = generated.measure(generated.cases(seed=7, each=120))
    secrets = [score for (_, _, is_secret), score in scores.items() if is_secret]
    look_alikes = [score for (_, _, is_secret), score in scores.items() if not is_secret]
    assert sum(len(s.wrong) for s in secrets) / sum(s.texts for s in secrets) <= 0.01
    assert sum(len(s.wrong) for s in look_alikes) / sum(s.texts for s in look_alikes) <= 0.01


@pytest.mark.parametrize(
    "text",
    [
        "my claim is UI-40281735 and I was born 03/14/1985",
        "UI 4028 1735, 3/14/85",
        "ui40281735 born March 14, 1985",
        "mi reclamo UI-40281735, nací el 14 de marzo de 1985",
        "HC-40281735 1985-03-14",
        "UI-40281735 03141985",
        "my pin is 482913",
        "UI-40281735 pin: 48 29 13",
    ],
)
def test_what_proves_a_claim_loses_every_digit(text: str) -> None:
    assert holds_proof(text)
    hidden = mask(hide_proof(text))
    assert not any(character.isdigit() for character in hidden) and len(hidden) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "UI-40281735",
        "I was fired on 10/03/2026, claim UI-40281735",
        "UI-40281735 fired 10/3/26",
        "claim UI-40281735 filed 2026-10-01, paid November 4, 2026",
        "I was born 03/14/1985, can I get benefits",
        "my baby was born on 11/02/2026",
        "they pinned 1234 on the wall",
    ],
)
def test_a_claim_number_alone_and_dates_of_the_claim_stay(text: str) -> None:
    assert not holds_proof(text)
    assert mask(hide_proof(text)) == text


@pytest.mark.parametrize(
    "text", ["03/14/1985", "its 3/14/85", "March 14, 1985", "14 de marzo de 1985", "1985-03-14", "me? 03141985",
             "my birthday is 03/14/1985 and i want to see my claim"],
)  # fmt: skip
def test_a_birth_date_told_alone_or_named_as_one_loses_every_digit(text: str) -> None:
    assert tells_birth_date(text)
    assert not any(character.isdigit() for character in hide_birth_dates(text))


@pytest.mark.parametrize(
    "text",
    ["10/03/2026", "I worked there since 03/14/1985 and was fired", "1985", "A32B", "my baby was born 11/02/2026"],
)
def test_other_dates_and_dates_in_a_story_are_no_birth_dates(text: str) -> None:
    assert not tells_birth_date(text)

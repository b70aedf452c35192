"""Who is offered to whom, as rules that hold for any queue and any team."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.routing import InLine, Offer, OnDuty, in_order, offers

NOW = datetime(2026, 11, 23, 18, tzinfo=timezone.utc)
REST = timedelta(seconds=30)
PROGRAMS = ("wa_ui", "wa_pfml", "ok_insurance")
LANGUAGES = ("en", "es")

skills = st.none() | st.frozensets(st.sampled_from(PROGRAMS), min_size=1)
spoken = st.none() | st.frozensets(st.sampled_from(LANGUAGES), min_size=1)
minutes_ago = st.integers(0, 300).map(lambda minutes: NOW - timedelta(minutes=minutes))
teams = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.booleans(), skills, spoken, st.none() | minutes_ago), max_size=8
).map(lambda rows: [OnDuty(number, *row) for number, row in enumerate(rows)])
queues = st.lists(
    st.tuples(
        st.integers(0, 4),
        minutes_ago,
        st.sampled_from(LANGUAGES),
        st.none() | st.sampled_from(PROGRAMS),
        st.dictionaries(st.integers(0, 7), st.integers(0, 60).map(lambda s: NOW - timedelta(seconds=s)), max_size=3),
    ),
    max_size=12,
).map(lambda rows: [InLine(number, *row) for number, row in enumerate(rows)])


def may_take(one: InLine, specialist: OnDuty) -> bool:
    rested = NOW - one.passed.get(specialist.id, NOW - REST) >= REST
    return specialist.can_help(one.program, one.language) and rested


@given(queues, teams)
@settings(max_examples=150, deadline=None)
def test_offers_keep_to_skills_room_and_rest_and_nobody_gets_two(waiting: list[InLine], team: list[OnDuty]) -> None:
    made = offers(waiting, team, NOW, rest=REST)
    by_id, people = {one.id: one for one in waiting}, {one.id: one for one in team}
    assert len({offer.escalation_id for offer in made}) == len(made)
    assert len({offer.specialist_id for offer in made}) == len(made)
    for offer in made:
        specialist = people[offer.specialist_id]
        assert specialist.is_free and specialist.load + 1 <= specialist.capacity
        assert may_take(by_id[offer.escalation_id], specialist)


@given(queues, teams)
@settings(max_examples=150, deadline=None)
def test_nobody_is_passed_over_for_somebody_behind_them(waiting: list[InLine], team: list[OnDuty]) -> None:
    """Whoever got no offer could have been helped only by specialists given to people ahead of them."""
    made = {offer.escalation_id: offer.specialist_id for offer in offers(waiting, team, NOW, rest=REST)}
    taken_ahead: set[int] = set()
    for one in in_order(waiting):
        if one.id in made:
            taken_ahead.add(made[one.id])
            continue
        for specialist in team:
            if specialist.is_free and may_take(one, specialist):
                assert specialist.id in taken_ahead


@given(queues, teams)
@settings(max_examples=150, deadline=None)
def test_the_offer_goes_to_the_least_busy_of_those_who_have_not_let_it_pass(
    waiting: list[InLine], team: list[OnDuty]
) -> None:
    if not waiting:
        return
    first = in_order(waiting)[0]
    fitting = [one for one in team if one.is_free and may_take(first, one)]
    made = {offer.escalation_id: offer.specialist_id for offer in offers(waiting, team, NOW, rest=REST)}
    if not fitting:
        assert first.id not in made
        return
    chosen = next(one for one in team if one.id == made[first.id])
    fresh = [one for one in fitting if one.id not in first.passed]
    assert chosen.id not in first.passed or not fresh
    assert chosen.load == min(one.load for one in fresh or fitting)


def test_a_crisis_goes_before_a_deadline_before_a_lockout_before_the_longest_wait() -> None:
    usual, locked, deadline, crisis = (
        InLine(number, priority, NOW - timedelta(minutes=10 - number), "en")
        for number, priority in enumerate((4, 3, 2, 0))
    )
    assert [one.id for one in in_order([usual, locked, deadline, crisis])] == [crisis.id, deadline.id, locked.id, 0]
    assert offers([usual, crisis], [OnDuty(1, 1)], NOW, rest=REST) == [Offer(crisis.id, 1)]


def test_an_unanswered_offer_goes_to_the_next_and_not_back_at_once() -> None:
    one = InLine(1, 4, NOW, "en", passed={7: NOW - timedelta(seconds=1)})
    assert offers([one], [OnDuty(7, 3)], NOW, rest=REST) == []
    assert offers([one], [OnDuty(7, 3), OnDuty(8, 3, load=2)], NOW, rest=REST) == [Offer(1, 8)]
    assert offers([one], [OnDuty(7, 3)], NOW + REST, rest=REST) == [Offer(1, 7)]


def test_two_thousand_visitors_reach_two_hundred_specialists_with_nobody_lost_or_offered_twice() -> None:
    """A whole day of offers, some declined or left unanswered, until everybody has been helped."""
    chance = random.Random(7)
    team = {
        number: (
            chance.randint(1, 4),
            None if number % 3 else frozenset(chance.sample(PROGRAMS, 2)),
            None if number % 4 == 0 else frozenset({"en"}),
        )
        for number in range(200)
    }
    waiting = {
        number: InLine(
            number,
            chance.choice((0, 2, 3, 4, 4, 4)),
            NOW - timedelta(seconds=chance.randint(0, 7200)),
            "es" if number % 5 == 0 else "en",
            chance.choice((None, *PROGRAMS)),
        )
        for number in range(2000)
    }
    load: Counter[int] = Counter()
    helped: list[int] = []
    talking: list[tuple[int, int]] = []
    now = NOW
    for _ in range(2000):
        on_duty = [OnDuty(one, room, load[one], False, knows, speaks) for one, (room, knows, speaks) in team.items()]
        made = offers(waiting.values(), on_duty, now, rest=REST)
        assert len({offer.specialist_id for offer in made}) == len({offer.escalation_id for offer in made}) == len(made)
        for offer in made:
            one = waiting[offer.escalation_id]
            if chance.random() < 0.2:
                passed = {**one.passed, offer.specialist_id: now}
                waiting[one.id] = InLine(one.id, one.priority, one.since, one.language, one.program, passed)
                continue
            del waiting[one.id]
            load[offer.specialist_id] += 1
            assert load[offer.specialist_id] <= team[offer.specialist_id][0]
            talking.append((one.id, offer.specialist_id))
        chance.shuffle(talking)
        for escalation_id, specialist_id in talking[: len(talking) // 2 + 1]:
            helped.append(escalation_id)
            load[specialist_id] -= 1
        talking = talking[len(talking) // 2 + 1 :]
        now += timedelta(seconds=10)
        if not waiting and not talking:
            break
    assert sorted(helped) == list(range(2000))

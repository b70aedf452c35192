"""Questions that ask for much the same are put together, others are not."""

from __future__ import annotations

from bot.question_groups import group, group_now

ALIKE = [
    ["how do i get a fishing license", "where can i get a fishing licence", "fishing license cost?"],
    ["do you sell pizza slices", "can you order a pizza slice"],
    ["whats the weather today", "what is the weather like today in seattle"],
    ["can i use my benefits card at a casino", "is it ok to use the benefits card in casinos"],
    ["who won the game last night", "did the seahawks win last night"],
    ["my neighbor steals my mail", "someone is stealing my mail"],
    ["can you write a poem", "write me a poem about rain"],
    ["how do i register to vote", "register to vote where"],
    ["i lost my food stamps card", "food stamps card lost what do i do"],
    ["help with rent", "can you help me pay rent"],
]
ALONE = ["tell me a joke", "donde compro una bicicleta", "asdf qwer"]


def test_questions_alike_are_one_group_and_others_stay_alone() -> None:
    texts = [text for texts in ALIKE for text in texts] + ALONE
    found = [sorted(texts[place] for place in places) for places in group_now(texts)]
    assert sorted(found) == sorted([*map(sorted, ALIKE), *([text] for text in ALONE)])


def test_the_largest_group_comes_first() -> None:
    texts = ["tell me a joke", *ALIKE[0]]
    assert sorted(group_now(texts)[0]) == [1, 2, 3]


async def test_texts_without_letters_and_single_texts_are_groups_of_their_own() -> None:
    assert await group([]) == []
    assert await group(["?"]) == [[0]]
    assert sorted(await group(["?", "", "!!"])) == [[0], [1], [2]]

"""Despair or danger is found; everyday idioms are not mistaken for it."""

import pytest
import yaml

from bot.nlu.crisis_phrases import CrisisPhrases
from tests.nlu.conftest import ROOT


@pytest.fixture(scope="module")
def phrases():
    return CrisisPhrases(yaml.safe_load((ROOT / "data" / "crisis.yml").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "text",
    [
        "i want to die",
        "I'm going to kill myself",
        "will my life insurance pay if i commit suicide",
        "does the policy cover sucide",
        "kms",
        "everyone would be better off without me",
        "i dont want to be here anymore",
        "no reason to live",
        "this wait is killing me and i want to kill myself",
        "me quiero morir",
        "ya no quiero vivir",
        "me kiero matar",
        "si me mato le pagan el seguro a mi familia",
        "voy a quitarme la vida",
        "my husband is going to kill me",
        "i took all my pills",
        "i have a gun and nothing left",
    ],
)
def test_a_sign_of_crisis_is_found(phrases, text):
    assert phrases.found(text)


@pytest.mark.parametrize(
    "text",
    [
        "this wait is killing me",
        "im dying to know when i get paid",
        "bored to death on hold",
        "what is the deadline to appeal",
        "la espera me está matando",
        "me muero de hambre",
        "can i take my life insurance with me",
        "i dont want to go on with this form",
        "quiero quitarme el seguro dental",
        "my phone is dead",
        "my husband died, how do i claim his life insurance",
        "i hurt my back at work",
        "i want to tell my side of the story",
        "quiero que me llamen",
    ],
)
def test_an_idiom_or_an_ordinary_question_is_not_a_crisis(phrases, text):
    assert not phrases.found(text)


@pytest.mark.parametrize(
    "text",
    [
        "i want to tell my side of the story",
        "can someone call me back",
        "quiero que me llamen",
        "quiero dar mi versión",
    ],
)
def test_asking_to_be_called_or_heard_needs_more_than_a_modest_probability(phrases, text):
    assert phrases.only_idiom(text)


@pytest.mark.parametrize(
    "text",
    ["call me i cant go on", "please call me before i kill myself", "quiero que me llamen, ya no quiero vivir"],
)
def test_despair_beside_such_a_wish_is_no_idiom(phrases, text):
    assert not phrases.only_idiom(text)

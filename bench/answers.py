"""Measures how well questions find their answer card and writes docs/answers.md.

The held-out questions in tests/answers/questions are used for nothing else. Each goes through the whole
pipeline of config.yml, trained on data/nlu and the cards as `rasa train` would.
"""

import argparse
import asyncio
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from actions.found_cards import GOOD_FIT
from bench import replies
from bench.nlu_pipeline import Pipeline, pipeline_settings
from bench.understanding import mean, percent, read_examples
from bot import card_checks, cards
from bot.cards import Card, Deck
from bot.nlu.card_questions import card_files, topic_of_questions
from bot.words import LANGUAGES

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "answers.md"
HELD_OUT = ROOT / "tests" / "answers" / "questions"
SAME_ANSWER = ROOT / "tests" / "answers" / "same_answer.yml"
FINDER = "bot.nlu.card_finder.CardFinder"
# The facts live outside the repository, so their section stays as it is where they are not given.
BEGIN_FACTS, END_FACTS = "<!-- facts -->", "<!-- end of facts -->"
# Facts that no card tells: questions about job classes are answered from the classes themselves.
JOBS = "job_class"
WORST = 15
HEAD = """\
# The answer cards

One card answers one question. `data/answers/` holds them, one file a program. A card has an id, a topic (the
intent), the situation it is for (none for the general card of a topic), the answer, more and steps in English and
Spanish, the figures these use, questions that people ask, the next cards, its source, the date of that source, an
owner and the day by which someone must look at it again. `data/answers/schema.json` says what each field may be.

`python -m bot cards check` lists what is to do about them. `python -m bench.answers` wrote this page.
"""


@dataclass(frozen=True)
class Outcome:
    """What a held-out question found: card ids and scores, best first."""

    question: str
    language: str
    card: Card
    found: tuple[tuple[str, float], ...]
    intent: str | None

    def first(self, fits: Callable[[str], bool] = lambda card: True) -> str | None:
        """The best card found among those that fit."""
        return next((card for card, _ in self.found if fits(card)), None)


def held_out(deck: Deck) -> Iterator[tuple[str, str, Card]]:
    """Question, language and card of every held-out question."""
    for file in sorted(HELD_OUT.glob("*.yml")):
        for name, by_language in yaml.safe_load(file.read_text(encoding="utf-8")).items():
            for language in LANGUAGES:
                for question in by_language[language]:
                    yield question, language, deck.cards[name]


def same_answer() -> Mapping[str, Sequence[str]]:
    """For some cards, the others that answer their questions as well."""
    entries = yaml.safe_load(SAME_ANSWER.read_text(encoding="utf-8")) or {}
    return {card: entry["also"] for card, entry in entries.items()}


def train() -> tuple[Pipeline, float]:
    """The pipeline of config.yml on the training data, as CardImporter hands it out, and the card finder's seconds."""
    settings = pipeline_settings(ROOT / "config.yml")
    if not any(entry["name"] == FINDER for entry in settings):
        settings.append({"name": FINDER, "cards": "data/answers"})
    for entry in settings:
        for key in ("examples", "classes", "phrases", "cards"):
            if key in entry:
                entry[key] = str(ROOT / entry[key])
    examples = {example.text: example.intent for example in read_examples(ROOT / "data" / "nlu")}
    examples = {**topic_of_questions(card_files(str(ROOT / "data" / "answers"))), **examples}
    pipeline = Pipeline.train(settings, list(examples), list(examples.values()))
    return pipeline, sum(took for name, took in pipeline.seconds.items() if name.startswith("CardFinder"))


def ask(pipeline: Pipeline, deck: Deck) -> list[Outcome]:
    """Puts every held-out question to the pipeline."""
    outcomes = []
    for question, language, card in held_out(deck):
        message = pipeline.parse(question)
        found = tuple((entry["id"], float(entry["score"])) for entry in message.get("cards") or ())
        ranking = message.get("intent_ranking") or [{"name": None}]
        outcomes.append(Outcome(question, language, card, found, ranking[0]["name"]))
    return outcomes


class Judge:
    """Says whether a question found its card, under several conditions."""

    def __init__(self, deck: Deck, also: Mapping[str, Sequence[str]]) -> None:
        self._cards = deck.cards
        self._also = also

    def strictly(self, outcome: Outcome) -> bool:
        """The very card comes first, with nothing known but the question."""
        return outcome.first() == outcome.card.id

    def answered(self, outcome: Outcome) -> bool:
        """The card, or one listed as the same answer, comes first."""
        return outcome.first() in self._right(outcome)

    def on_its_page(self, outcome: Outcome) -> bool:
        """As `answered`, on a page of the card's program: cards of other programs are passed over."""
        program = outcome.card.program
        fits = lambda card: program is None or self._cards[card].program in (program, None)  # noqa: E731
        return outcome.first(fits) in self._right(outcome)

    def among_three(self, outcome: Outcome) -> bool:
        """One of the first three answers the question: what "did you mean" buttons would show."""
        return any(card in self._right(outcome) for card, _ in outcome.found[:3])

    def in_topic(self, outcome: Outcome) -> bool:
        """The first card is of the right topic, so it leads to the right one in a tap."""
        first = outcome.first()
        return first is not None and self._cards[first].topic == outcome.card.topic

    def _right(self, outcome: Outcome) -> set[str]:
        return {outcome.card.id, *self._also.get(outcome.card.id, ())}


def results_table(outcomes: Sequence[Outcome], judge: Judge) -> list[str]:
    """One line a program and language, and one for all."""
    lines = [
        "| program | language | questions | the very card first | or one with the same answer | and the program known"
        " | among three | right topic |",
        "|---|---|---|---|---|---|---|---|",
    ]
    programs = list(dict.fromkeys(outcome.card.program for outcome in outcomes))
    groups = [(program, language) for program in programs for language in LANGUAGES]
    for program, language in groups:
        some = [o for o in outcomes if o.card.program == program and o.language == language]
        lines.append(f"| {program or 'all'} | {language} | {_shares(some, judge)} |")
    for language in LANGUAGES:
        lines.append(
            f"| **together** | {language} | {_shares([o for o in outcomes if o.language == language], judge)} |"
        )
    return [*lines, f"| **together** | both | {_shares(outcomes, judge)} |"]


def _shares(some: Sequence[Outcome], judge: Judge) -> str:
    conditions = (judge.strictly, judge.answered, judge.on_its_page, judge.among_three, judge.in_topic)
    return " | ".join([str(len(some)), *(percent(mean([is_so(o) for o in some])) for is_so in conditions)])


def score_table(outcomes: Sequence[Outcome], judge: Judge) -> list[str]:
    """How the score of the first card tells how often it is right."""
    lines = ["| score of the first card | questions | right |", "|---|---|---|"]
    edges = [0.0, 0.3, 0.5, 0.7, 0.9, 1.01]
    for low, high in pairwise(edges):
        some = [o for o in outcomes if o.found and low <= o.found[0][1] < high]
        if some:
            right = percent(mean([judge.answered(o) for o in some]))
            lines.append(f"| {low:.1f} to {min(high, 1.0):.1f} | {len(some)} | {right} |")
    return lines


def confusion_table(outcomes: Sequence[Outcome], judge: Judge) -> list[str]:
    """The pairs of cards taken for one another most often, with the program known."""
    wrong = Counter((o.card.id, o.first()) for o in outcomes if not judge.on_its_page(o))
    lines = ["| card | taken for | questions |", "|---|---|---|"]
    return lines + [f"| {card} | {taken} | {count} |" for (card, taken), count in wrong.most_common(WORST)]


def card_table(deck: Deck, outcomes: Sequence[Outcome], judge: Judge) -> list[str]:
    """One line a card, by topic."""
    lines = [
        "| topic | card | program | en | es | grade | ease | source date | review by | found en | found es |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for card in sorted(deck.cards.values(), key=lambda card: (card.topic, card.situation or "", card.id)):
        grade = max(card_checks.english_grades(card).values())
        ease = min(card_checks.spanish_ease(card).values())
        found = []
        for language in LANGUAGES:
            own = [o for o in outcomes if o.card.id == card.id and o.language == language]
            found.append(f"{sum(map(judge.on_its_page, own))} of {len(own)}" if own else "none asked")
        languages = " | ".join(str(len(card.words[language].questions)) for language in LANGUAGES)
        lines.append(
            f"| {card.topic} | {card.id} | {card.program or 'all'} | {languages} | {grade:.1f} | {ease:.0f}"
            f" | {card.source_date} | {card.review_by} | {found[0]} | {found[1]} |"
        )
    return lines


def facts_section(deck: Deck, file: Path | None) -> list[str]:
    """How many facts the cards use, and which of the usable ones they leave out; as it was without the file."""
    if file is None:
        old = REPORT.read_text(encoding="utf-8") if REPORT.exists() else ""
        kept = re.search(f"{BEGIN_FACTS}(.*?){END_FACTS}", old, re.S)
        return kept.group(1).strip().splitlines() if kept else ["Not counted: run with --facts FILE."]
    everything = yaml.safe_load(file.read_text(encoding="utf-8"))
    facts = [fact for fact in everything if fact["program"] != JOBS]
    used = {fact for card in deck.cards.values() for fact in card.facts}
    lines = ["| program | facts | of them usable | used by a card | share of the usable |", "|---|---|---|---|---|"]
    for program in [*dict.fromkeys(fact["program"] for fact in facts), None]:
        some = [fact for fact in facts if program in (fact["program"], None)]
        usable = [fact for fact in some if _usable(fact)]
        share = percent(mean([fact["id"] in used for fact in usable]))
        told = sum(fact["id"] in used for fact in usable)
        lines.append(f"| {program or '**together**'} | {len(some)} | {len(usable)} | {told} | {share} |")
    left = [fact["id"] for fact in facts if _usable(fact) and fact["id"] not in used]
    return [
        *lines,
        "",
        "Usable: verified in an agency or statute source, and not kept only to stop wrong answers. Left out here:"
        f" {len(everything) - len(facts)} facts about job classes, which `data/job_classes/` holds.",
        "",
        f"Usable and in no card ({len(left)}): {', '.join(left) or 'none'}.",
    ]


def _usable(fact: Mapping[str, Any]) -> bool:
    figures = fact.get("figures") or {}
    flags = {**figures, **fact}
    return bool(fact.get("verified")) and not (flags.get("do_not_show") or flags.get("source_quality"))


def write(sections: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Writes the page."""
    body = "".join(f"\n## {title}\n\n" + "\n".join(lines) + "\n" for title, lines in sections)
    REPORT.write_text(HEAD + body, encoding="utf-8")


def grades_line(deck: Deck) -> str:
    """The reading levels of all texts in one sentence."""
    grades = [grade for card in deck.cards.values() for grade in card_checks.english_grades(card).values()]
    ease = [ease for card in deck.cards.values() for ease in card_checks.spanish_ease(card).values()]
    return (
        f"{len(deck.cards)} cards. {len(grades)} English texts: median grade {statistics.median(grades):.1f}, "
        f"highest {max(grades):.1f} (Flesch-Kincaid). {len(ease)} Spanish texts: median ease "
        f"{statistics.median(ease):.0f}, lowest {min(ease):.0f} (Fernández Huerta; 70 and more is fairly easy)."
    )


def main() -> None:
    """Runs everything and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=Path, help="the file of facts the cards were written from")
    arguments = parser.parse_args()
    deck = cards.deck()
    pipeline, seconds = train()
    outcomes = ask(pipeline, deck)
    judge = Judge(deck, same_answer())
    asked = asyncio.run(replies.ask_all(held_out(deck), same_answer()))
    got = [
        "The first reply of the trained product to each question, in a conversation that begins with it.",
        "",
        *replies.replies_table(asked),
    ]
    sure = [o for o in outcomes if o.found and o.found[0][1] >= GOOD_FIT]
    short = [
        grades_line(deck),
        "",
        *results_table(outcomes, judge),
        "",
        "The program known: what the page or the conversation tells; `actions/found_cards.py` then passes over the"
        " cards of other programs. Cards with the same answer are listed with a reason in"
        " `tests/answers/same_answer.yml`.",
        "",
        f"The intent is the card's topic for {percent(mean([o.intent == o.card.topic for o in outcomes]))} of the"
        f" questions. A score of {GOOD_FIT} and more, at which a card is shown at once, is reached by"
        f" {percent(len(sure) / len(outcomes))}, and of these {percent(mean([judge.answered(o) for o in sure]))} are"
        " right.",
        "",
        f"Training the card finder took {seconds:.0f} s.",
    ]
    write(
        [
            ("In short", short),
            ("What visitors get", got),
            ("What a score means", score_table(outcomes, judge)),
            ("The worst confusions", confusion_table(outcomes, judge)),
            ("Facts used", [BEGIN_FACTS, "", *facts_section(deck, arguments.facts), "", END_FACTS]),
            ("The cards", ["`en` and `es`: questions to train on.", "", *card_table(deck, outcomes, judge)]),
        ]
    )
    print("\n".join([*short, "", *got]))


if __name__ == "__main__":
    main()

"""Measures understanding on our own data by cross-validation and writes docs/understanding.md: `make eval`."""

import argparse
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
import yaml
from rasa.shared.nlu.training_data.message import Message
from sklearn.metrics import f1_score, precision_recall_fscore_support
from sklearn.model_selection import StratifiedKFold

from bench.nlu_pipeline import Pipeline, pipeline_settings
from bench.perturbations import PERTURBATIONS
from bot.nlu.card_questions import LANGUAGES, card_files, read_questions
from bot.nlu.example_files import example_files, plain_examples
from bot.nlu.folding import fold

matplotlib.use("Agg")
import matplotlib.pyplot as plt

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "understanding.md"
# Messages that nobody trains on, written by people who had not seen the examples.
MESSAGES = ROOT / "tests" / "nlu" / "messages.yml"
BEGIN, END = "<!-- measured: written by bench/understanding.py -->", "<!-- end of measured -->"
OUT_OF_SCOPE, CRISIS = "out_of_scope", "self_harm_crisis"


@dataclass(frozen=True)
class Example:
    """One line of data/nlu, one question of a card, or one message of the test; `also` are as good answers."""

    text: str
    intent: str
    language: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What the pipeline made of an example it had not seen."""

    example: Example
    answer: str
    decision: str
    confidence: float
    language: str
    ranking: tuple[str, ...]

    @property
    def right(self) -> bool:
        return self.answer in (self.example.intent, *self.example.also)


def read_examples(folder: Path) -> list[Example]:
    """All examples below the folder, by the language each subfolder is named for."""
    return [
        Example(text, intent, file.parent.name)
        for file in example_files(str(folder))
        for text, intent in plain_examples(file) or ()
    ]


def read_cards(folder: Path, known: Sequence[Example]) -> list[Example]:
    """The questions and titles of the answer cards that are no examples already, as training adds them."""
    seen = {example.text.lower() for example in known}
    cards = [
        Example(question.text, question.topic, language)
        for language in LANGUAGES
        for question in read_questions(card_files(str(folder)), [language])
    ]
    return [example for example in cards if example.text.lower() not in seen]


def read_messages(file: Path) -> list[Example]:
    """The test messages with their topics."""
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    return [Example(e["text"], e["intent"], e["language"], tuple(e.get("also") or ())) for e in entries]


def train(examples: Sequence[Example], cache_size: int, store: bool) -> tuple[Pipeline, float]:
    """The pipeline of config.yml trained on the examples only, and the seconds it took.

    Args:
        examples: what to train on.
        cache_size: vectors kept in memory.
        store: whether vectors kept from earlier trainings may be used.
    """
    folder = Path(tempfile.mkdtemp())
    for language in {example.language for example in examples}:
        (folder / language).mkdir()
        texts = "".join(f"- {e.text}\n" for e in examples if e.language == language)
        content = {"version": "3.1", "nlu": [{"intent": "any", "examples": texts}]}
        (folder / language / "all.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    settings = pipeline_settings(ROOT / "config.yml")
    for entry in settings:
        if "examples" in entry:
            entry["examples"] = str(folder)
        for key in ("classes", "phrases"):
            if key in entry:
                entry[key] = str(ROOT / entry[key])
        if entry["name"].endswith("SentenceEncoder"):
            entry["cache_size"] = cache_size
            entry["store"] = entry["store"] if store else None
    started = time.perf_counter()
    pipeline = Pipeline.train(settings, [e.text for e in examples], [e.intent for e in examples])
    return pipeline, time.perf_counter() - started


def outcome(example: Example, message: Message) -> Outcome:
    """The answer is the best of the ranking, or out of scope where that was decided."""
    ranking = message.get("intent_ranking") or []
    decision = message.get("understanding")["decision"]
    answer = OUT_OF_SCOPE if decision == "out_of_scope" else ranking[0]["name"]
    languages = message.get("understanding")["language"]
    return Outcome(
        example,
        answer,
        decision,
        float(ranking[0]["confidence"]),
        max(languages, key=languages.__getitem__),
        tuple(entry["name"] for entry in ranking),
    )


def macro_f1(outcomes: Sequence[Outcome]) -> float:
    """F1 of the answers, averaged over the intents that occur."""
    truth = [o.example.intent for o in outcomes]
    return float(f1_score(truth, [o.answer for o in outcomes], labels=sorted(set(truth)), average="macro"))


def percent(value: float) -> str:
    """A share as a percentage with one digit."""
    return f"{100 * value:.1f} %"


def mean(values: Sequence[bool]) -> float:
    """The share that is true; 0 of nothing."""
    return float(np.mean(values)) if len(values) else 0.0


def summary_table(outcomes: Sequence[Outcome]) -> list[str]:
    """One line a language and one for both."""
    lines = [
        "| | messages | top-1 | among first three | macro F1 | out-of-scope recall"
        " | in scope refused | unsure | sure and wrong | crisis recall | false crisis | language right |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    languages = sorted({o.example.language for o in outcomes})
    for name, wanted in [*((code, {code}) for code in languages), ("all", set(languages))]:
        some = [o for o in outcomes if o.example.language in wanted]
        outside = [o for o in some if o.example.intent == OUT_OF_SCOPE]
        inside = [o for o in some if o.example.intent != OUT_OF_SCOPE]
        crisis = [o for o in some if o.example.intent == CRISIS]
        calm = [o for o in some if o.example.intent != CRISIS]
        cells = [
            str(len(some)),
            percent(mean([o.right for o in some])),
            percent(mean([o.right or o.example.intent in o.ranking[:3] for o in some])),
            f"{macro_f1(some):.3f}",
            percent(mean([o.right for o in outside])),
            percent(mean([o.answer == OUT_OF_SCOPE for o in inside])),
            percent(mean([o.decision == "unsure" for o in some])),
            percent(mean([o.decision == "confident" and not o.right for o in some])),
            percent(mean([o.answer == CRISIS for o in crisis])),
            percent(mean([o.answer == CRISIS for o in calm])),
            percent(mean([o.language == o.example.language for o in some])),
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def topic_table(outcomes: Sequence[Outcome]) -> list[str]:
    """Precision, recall and F1 of each intent, and its F1 by language."""
    truth, answers = [o.example.intent for o in outcomes], [o.answer for o in outcomes]
    names = sorted(set(truth))
    precision, recall, f1, count = precision_recall_fscore_support(truth, answers, labels=names, zero_division=0)
    by_language = {}
    for code in sorted({o.example.language for o in outcomes}):
        some = [o for o in outcomes if o.example.language == code]
        values = f1_score(
            [o.example.intent for o in some], [o.answer for o in some], labels=names, average=None, zero_division=0
        )
        by_language[code] = values
    codes = list(by_language)
    lines = [
        "| topic | messages | precision | recall | F1 | " + " | ".join(f"F1 {code}" for code in codes) + " |",
        "|---|---|---|---|---|" + "---|" * len(codes),
    ]
    for i in np.argsort(f1):
        own = " | ".join(f"{by_language[code][i]:.2f}" for code in codes)
        lines.append(f"| {names[i]} | {count[i]} | {precision[i]:.2f} | {recall[i]:.2f} | {f1[i]:.2f} | {own} |")
    return lines


def confusion_table(outcomes: Sequence[Outcome], most: int = 10) -> list[str]:
    """The pairs of intents mistaken for one another most often, with an example each."""
    wrong = [o for o in outcomes if not o.right]
    pairs = Counter((o.example.intent, o.answer) for o in wrong)
    lines = ["| meant | answered | times | for example |", "|---|---|---|---|"]
    for (meant, answered), times in pairs.most_common(most):
        shown = min(
            (o for o in wrong if (o.example.intent, o.answer) == (meant, answered)), key=lambda o: len(o.example.text)
        )
        lines.append(f"| {meant} | {answered} | {times} | {shown.example.text.replace('|', '/')} |")
    return lines


def robustness_table(pipeline: Pipeline, held_back: Sequence[Example]) -> tuple[list[str], list[float]]:
    """Top-1 on perturbed copies of the same held-back messages, and the milliseconds each message took."""
    clean = mean([outcome(e, pipeline.parse(e.text)).right for e in held_back])
    lines = [
        f"Top-1 on the same {len(held_back)} held-back messages; unchanged: {percent(clean)}.",
        "",
        "| copy | changed | top-1 | lost (points) |",
        "|---|---|---|---|",
    ]
    times: list[float] = []
    for name, change in PERTURBATIONS.items():
        generator = random.Random(0)
        # Of "?!" nothing is left without punctuation; visitors can't send nothing.
        copies = [Example(change(e.text, generator).strip() or e.text, e.intent, e.language) for e in held_back]
        messages, milliseconds = pipeline.timed([copy.text for copy in copies])
        right = mean([outcome(copy, message).right for copy, message in zip(copies, messages, strict=False)])
        changed = [copy.text != e.text for copy, e in zip(copies, held_back, strict=False)]
        times += [ms for ms, is_new in zip(milliseconds, changed, strict=False) if is_new]
        lines.append(f"| {name} | {percent(mean(changed))} | {percent(right)} | {100 * (clean - right):+.1f} |")
    return lines, times


def calibration(outcomes: Sequence[Outcome]) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Ten bins of confidence: mean confidence, share right, count; and the expected calibration error."""
    confidence = np.array([o.confidence for o in outcomes])
    right = np.array([o.ranking[0] == o.example.intent for o in outcomes])
    bins = np.clip((confidence * 10).astype(int), 0, 9)
    present = [b for b in range(10) if (bins == b).any()]
    means = np.array([confidence[bins == b].mean() for b in present])
    shares = np.array([right[bins == b].mean() for b in present])
    counts = np.array([(bins == b).sum() for b in present])
    return means, shares, counts, float((np.abs(means - shares) * counts).sum() / counts.sum())


def plot_calibration(outcomes: Sequence[Outcome], file: Path) -> float:
    """Draws confidence against the share of right answers; returns the expected calibration error."""
    means, shares, counts, error = calibration(outcomes)
    figure, axes = plt.subplots(figsize=(5, 4.5))
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.plot(means, shares, marker="o", color="#005ea2")
    for x, y, count in zip(means, shares, counts, strict=False):
        axes.annotate(str(count), (x, y), textcoords="offset points", xytext=(4, -11), fontsize=7)
    axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    axes.set_title(f"Confidence is off by {100 * error:.1f} points on average", fontsize=10)
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)
    return error


def plot_confusion(outcomes: Sequence[Outcome], file: Path) -> None:
    """Draws how often each intent is answered as each other one, rows summing to 1."""
    names = sorted({o.example.intent for o in outcomes})
    position = {name: i for i, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)))
    for o in outcomes:
        counts[position[o.example.intent], position[o.answer]] += 1
    figure, axes = plt.subplots(figsize=(13, 12))
    axes.imshow(counts / counts.sum(axis=1, keepdims=True), cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=6)
    axes.set_yticks(range(len(names)), names, fontsize=6)
    axes.set(xlabel="answered", ylabel="meant")
    axes.set_title(
        f"{percent(mean([o.right for o in outcomes]))} of held-back messages lie on the diagonal", fontsize=10
    )
    figure.tight_layout()
    figure.savefig(file, dpi=110)
    plt.close(figure)


def cross_validate(
    examples: list[Example], cards: list[Example], folds: int
) -> tuple[list[Outcome], Pipeline, list[Example]]:
    """Outcomes of all examples, each from the pipeline that had not seen it, and the last of these pipelines.

    Folds hold the same share of each intent in each language; the questions of the cards are trained on in all.
    """
    strata = [f"{e.intent} {e.language}" for e in examples]
    splitter = StratifiedKFold(folds, shuffle=True, random_state=0)
    outcomes: list[Outcome] = []
    for number, (rows, held_back_rows) in enumerate(splitter.split(strata, strata), start=1):
        pipeline, _ = train([*(examples[i] for i in rows), *cards], cache_size=2 * len(examples), store=True)
        held_back = [examples[i] for i in held_back_rows]
        outcomes += [outcome(e, pipeline.parse(e.text)) for e in held_back]
        print(f"fold {number}: top-1 {percent(mean([o.right for o in outcomes[-len(held_back) :]]))}", flush=True)
    return outcomes, pipeline, held_back


def write_report(sections: Sequence[tuple[str, Sequence[str]]], file: Path) -> None:
    """Replaces the measured part of the report; what people wrote around it stays."""
    body = "\n\n".join("\n".join([f"## {title}", "", *lines]) for title, lines in sections)
    measured = f"{BEGIN}\n\n{body}\n\n{END}"
    old = file.read_text(encoding="utf-8") if file.exists() else f"# Understanding\n\n{BEGIN}\n{END}\n"
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    file.write_text(pattern.sub(lambda _: measured, old), encoding="utf-8")


def main() -> None:
    """Runs everything and writes the report and its two plots."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--perturbed", type=int, default=800, help="held-back messages to perturb")
    arguments = parser.parse_args()
    examples = read_examples(ROOT / "data" / "nlu")
    cards = read_cards(ROOT / "data" / "answers", examples)
    outcomes, pipeline, held_back = cross_validate(examples, cards, arguments.folds)
    some = random.Random(0).sample(held_back, min(arguments.perturbed, len(held_back)))
    robustness, milliseconds = robustness_table(pipeline, some)
    # Trained last and without a cache, so that the time is that of a first `rasa train`, encoding included.
    full, seconds = train([*examples, *cards], cache_size=1, store=False)
    messages = read_messages(MESSAGES)
    known = {fold(e.text) for e in [*examples, *cards]}
    unseen = [outcome(e, full.parse(e.text)) for e in messages if fold(e.text) not in known]
    plots = {name: REPORT.parent / f"understanding-{name}.png" for name in ("confusion", "calibration")}
    plot_confusion(outcomes, plots["confusion"])
    error = plot_calibration(outcomes, plots["calibration"])
    slowest = sorted(full.seconds.items(), key=lambda item: -item[1])[:4]
    facts = [
        f"{len(examples)} examples, {len({e.intent for e in examples})} intents, "
        f"{arguments.folds}-fold cross-validation; {len(cards)} questions of cards are trained on in every fold.",
        "",
        *summary_table(outcomes),
        "",
        f"Training on everything: {seconds:.0f} s ("
        + ", ".join(f"{re.sub('[0-9]+$', '', name)} {took:.0f} s" for name, took in slowest)
        + f"). One message, the whole pipeline, not cached: median {statistics.median(milliseconds):.1f} ms, "
        f"95th percentile {np.quantile(milliseconds, 0.95):.1f} ms, one thread.",
    ]
    sections: list[tuple[str, Sequence[str]]] = [
        ("In short", facts),
        (
            "Messages nobody trained on",
            [
                f"{len(unseen)} of the {len(messages)} messages of tests/nlu/messages.yml, the pipeline trained on"
                " everything; the others stand word for word among the examples, as short common ones do.",
                "",
                *summary_table(unseen),
            ],
        ),
        ("Robustness", robustness),
        ("The ten worst confusions", confusion_table(outcomes)),
        (
            "Calibration and confusion",
            [
                f"Expected calibration error {error:.3f}.",
                "",
                f"![Confidence against share right]({plots['calibration'].name})",
                "",
                f"![Which topics are taken for which]({plots['confusion'].name})",
            ],
        ),
        ("Topics, worst first", topic_table(outcomes)),
    ]
    write_report(sections, REPORT)
    print("\n".join(facts))


if __name__ == "__main__":
    main()

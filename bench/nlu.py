"""Public intent benchmarks with our components and with the stock pipeline: `make bench-nlu DATA=dir`.

The data are only measured on: nothing of them reaches the product. Both pipelines run through
`bench.nlu_pipeline`, which calls the Rasa components themselves, one after the other, without Rasa's
trainer and its archive.
"""

import argparse
import csv
import json
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rasa.shared.nlu.training_data.message import Message
from sklearn.metrics import roc_auc_score

from bench.nlu_pipeline import Pipeline, pipeline_settings

ROOT = Path(__file__).parents[1]
OUT_OF_SCOPE = "out_of_scope"
# In-scope accuracy to keep on the validation split of CLINC150: the goal of 92 % and a point for the way to the test.
IN_SCOPE_KEPT = 0.93
# What `rasa init` of 3.6 writes as the pipeline, without the parts that only serve entities and responses.
STOCK: list[dict[str, Any]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True, "ranking_length": 0},
]

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """One line of the table: percentages, seconds of training, median milliseconds a message."""

    benchmark: str
    pipeline: str
    figures: str
    train_seconds: float
    message_ms: float


def ours() -> list[dict[str, Any]]:
    """Encoders and classifier of config.yml with their settings; the other parts do not touch the intent."""
    wanted = ("SentenceEncoder", "SentenceIntentClassifier")
    # Without the cache: a text that occurs in training and test alike is encoded again.
    entries = [e for e in pipeline_settings(ROOT / "config.yml") if e["name"].endswith(wanted)]
    return [{**e, "cache_size": 0} if "Encoder" in e["name"] else {**e, "ranking_length": 0} for e in entries]


def read_csv(file: Path) -> Pairs:
    """(text, category) of each line of a BANKING77 file."""
    with file.open(encoding="utf-8") as lines:
        return [(row["text"], row["category"]) for row in csv.DictReader(lines)]


def few_shot(pairs: Pairs, shots: int) -> Pairs:
    """The first `shots` of each intent after one seeded shuffle per intent, intents in order of appearance."""
    by_intent: dict[str, list[str]] = {}
    for text, intent in pairs:
        by_intent.setdefault(intent, []).append(text)
    generator = random.Random(0)
    chosen: Pairs = []
    for intent, texts in by_intent.items():
        generator.shuffle(texts)
        chosen += [(text, intent) for text in texts[:shots]]
    return chosen


def train(settings: list[dict[str, Any]], pairs: Pairs) -> tuple[Pipeline, float]:
    """The trained pipeline and the seconds it took, encoding included."""
    started = time.perf_counter()
    pipeline = Pipeline.train(settings, [text for text, _ in pairs], [intent for _, intent in pairs])
    return pipeline, time.perf_counter() - started


def top(message: Message, besides: str | None = None) -> str:
    """The best intent of the ranking, whatever was decided; `besides` is passed over."""
    return next(e["name"] for e in message.get("intent_ranking") if e["name"] != besides)


def share(hits: Sequence[bool]) -> str:
    """A percentage with one digit."""
    return f"{100 * np.mean(hits):.1f} %"


def banking(data: Path, name: str, shots: int | None, settings: list[dict[str, Any]], pipeline_name: str) -> Row:
    """Accuracy on the BANKING77 test set."""
    pairs, test = read_csv(data / "banking77-train.csv"), read_csv(data / "banking77-test.csv")
    pipeline, seconds = train(settings, few_shot(pairs, shots) if shots else pairs)
    messages, milliseconds = pipeline.timed([text for text, _ in test])
    right = [top(message) == intent for message, (_, intent) in zip(messages, test, strict=False)]
    return Row(name, pipeline_name, f"accuracy {share(right)}", seconds, statistics.median(milliseconds))


def clinc(data: Path, settings: list[dict[str, Any]], pipeline_name: str, scored: bool) -> Row:
    """In-scope accuracy and out-of-scope recall on the CLINC150 test set.

    A message is refused above a score; its threshold is chosen on the validation split. The score is
    `understanding.out_of_scope` of our classifier, or the missing confidence of one without it.
    """
    splits = json.loads((data / "clinc150-full.json").read_text(encoding="utf-8"))
    examples = [(text, intent) for text, intent in splits["train"]]
    examples += [(text, OUT_OF_SCOPE) for text, _ in splits["oos_train"]]
    pipeline, seconds = train(settings, examples)
    results = {}
    milliseconds: list[float] = []
    for split in ("val", "test"):
        pairs = [*splits[split], *splits[f"oos_{split}"]]
        messages, milliseconds = pipeline.timed([text for text, _ in pairs])
        inside = np.array([intent != "oos" for _, intent in pairs])
        right = np.array([top(m, OUT_OF_SCOPE) == intent for m, (_, intent) in zip(messages, pairs, strict=False)])
        results[split] = (inside, right, np.array([_refusal(message, scored) for message in messages]))
    threshold = lowest_keeping(*results["val"], kept=IN_SCOPE_KEPT)
    inside, right, scores = results["test"]
    figures = (
        f"in scope {share((right & (scores < threshold))[inside])}, "
        f"out-of-scope recall {share((scores >= threshold)[~inside])}, "
        f"AUROC {roc_auc_score(~inside, scores):.3f}, in scope without refusing {share(right[inside])}"
    )
    return Row("CLINC150", pipeline_name, figures, seconds, statistics.median(milliseconds))


def _refusal(message: Message, scored: bool) -> float:
    if scored:
        return float(message.get("understanding")["out_of_scope"])
    ranking = message.get("intent_ranking")
    confidence = {entry["name"]: entry["confidence"] for entry in ranking}
    return float(confidence.get(OUT_OF_SCOPE, 0.0) - max(v for k, v in confidence.items() if k != OUT_OF_SCOPE))


def lowest_keeping(inside: np.ndarray, right: np.ndarray, scores: np.ndarray, kept: float) -> float:
    """The threshold that catches most while in-scope accuracy stays at `kept` or above.

    Args:
        inside: whether each message is in scope, shape (n,).
        right: whether the best intent is the true one, shape (n,).
        scores: the higher, the likelier out of scope, shape (n,).
        kept: share of messages in scope to be answered rightly; more than any threshold gives means none is refused.
    """
    needed = int(np.ceil(kept * inside.sum()))
    answered = np.sort(scores[inside & right])
    return float(np.nextafter(answered[needed - 1], np.inf)) if needed <= len(answered) else float(np.inf)


def main() -> None:
    """Runs the benchmarks and prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with banking77-*.csv and clinc150-full.json")
    parser.add_argument("--skip-stock", action="store_true", help="measure ours only (minutes, not hours)")
    parser.add_argument("--stock-everywhere", action="store_true", help="the stock pipeline on the full sets too")
    parser.add_argument("--only", choices=["banking10", "banking", "clinc"], help="one benchmark")
    arguments = parser.parse_args()
    runs: list[tuple[str, list[dict[str, Any]], bool]] = [("ours", ours(), True)]
    if not arguments.skip_stock:
        runs.append(("stock DIET", STOCK, False))
    print(
        "| benchmark | pipeline | result | training | one message (median, processor) |\n|---|---|---|---|---|",
        flush=True,
    )
    for benchmark in ("banking10", "banking", "clinc"):
        for name, settings, scored in runs:
            few = benchmark == "banking10"
            if arguments.only not in (None, benchmark) or not (scored or few or arguments.stock_everywhere):
                continue
            if benchmark == "clinc":
                row = clinc(arguments.data, settings, name, scored)
            else:
                label = "BANKING77 10-shot" if few else "BANKING77 full"
                row = banking(arguments.data, label, 10 if few else None, settings, name)
            print(
                f"| {row.benchmark} | {row.pipeline} | {row.figures} | {row.train_seconds:.0f} s "
                f"| {row.message_ms:.1f} ms |",
                flush=True,
            )


if __name__ == "__main__":
    main()

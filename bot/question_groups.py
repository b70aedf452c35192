"""Groups questions that ask for much the same; run as a program of its own, so that no request waits for it.

Reads a JSON list of texts from its input and writes a JSON list of groups, each a list of places in that list,
the largest group first and in each the most typical question first.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import defaultdict

from bot.settings import PROJECT_ROOT

# How much two questions have in common, on the average of a group; found on questions of real kinds (see its test).
ALIKE = 0.25
PATIENCE_SECONDS = 30


class GroupingFailed(RuntimeError):
    """The program that groups did not answer."""


async def group(texts: list[str]) -> list[list[int]]:
    """Group texts by what they ask, in a process of its own; raises GroupingFailed."""
    if len(texts) < 2:
        return [[place] for place in range(len(texts))]
    # A thread waits for it: the event loop that Rasa installs can't watch processes itself.
    try:
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "bot.question_groups"],
            cwd=PROJECT_ROOT,
            input=json.dumps(texts).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_SECONDS,
            check=True,
        )
    except subprocess.SubprocessError:
        raise GroupingFailed from None
    groups: list[list[int]] = json.loads(done.stdout)
    return groups


def group_now(texts: list[str]) -> list[list[int]]:
    """Group texts, in this process."""
    # scikit-learn takes a second to import, which only this program has.
    import numpy as np
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer

    # Parts of words stand typing errors and endings; whole words keep short questions apart.
    parts = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, strip_accents="unicode")
    try:
        vectors = parts.fit_transform(texts)
    except ValueError:
        return [[place] for place in range(len(texts))]
    likeness = (vectors @ vectors.T).toarray()
    labels = AgglomerativeClustering(
        n_clusters=None, distance_threshold=1 - ALIKE, affinity="precomputed", linkage="average"
    ).fit_predict(np.clip(1 - likeness, 0, None))
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        groups[int(label)].append(place)
    for members in groups.values():
        members.sort(key=lambda place: -float(likeness[place, members].sum()))
    return sorted(groups.values(), key=lambda members: (-len(members), members))


if __name__ == "__main__":
    json.dump(group_now(json.load(sys.stdin)), sys.stdout)

"""Groups questions that ask for much the same; run as a program of its own, so that no request waits for it.

Reads a JSON list of texts from its input and writes a JSON list of groups, each a list of places in that list,
the largest group first and in each the most typical question first.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict

from bot.settings import PROJECT_ROOT

# Two questions belong together when they share about half of their words, a little less when they are short.
ALIKE = 0.45
PATIENCE_SECONDS = 30


class GroupingFailed(RuntimeError):
    """The program that groups did not answer."""


async def group(texts: list[str]) -> list[list[int]]:
    """Group texts by what they ask, in a process of its own; raises GroupingFailed."""
    if len(texts) < 2:
        return [[place] for place in range(len(texts))]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.question_groups",
        cwd=PROJECT_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        written, _ = await asyncio.wait_for(process.communicate(json.dumps(texts).encode()), PATIENCE_SECONDS)
    except asyncio.TimeoutError:
        process.kill()
        raise GroupingFailed from None
    if process.returncode != 0:
        raise GroupingFailed
    groups: list[list[int]] = json.loads(written)
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

"""How similar a message is to the nearest training messages of each class."""

import numpy as np

NEAREST = 3
# Messages compared at once; their cosines with 30,000 examples fill 120 MB.
BATCH = 1024
# Up to so many messages at once are compared with their likely classes only.
FEW_MESSAGES = 4


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows scaled to length one; zero rows stay zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


class Neighbours:
    """Training vectors of unit length, ordered by class, in the directions that tell most of them apart.

    Args:
        vectors: projected, unit length, shape (training messages, directions), float32, ordered by class.
        sizes: how many messages each class has, shape (classes,).
        basis: the directions as columns, shape (dimensions of the encoder, directions), float32.
    """

    def __init__(self, vectors: np.ndarray, sizes: np.ndarray, basis: np.ndarray) -> None:
        self.vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self.sizes = sizes
        self.basis = basis.astype(np.float32)
        self._first = np.concatenate([[0], np.cumsum(sizes)])
        self._present = np.flatnonzero(sizes)
        self._starts = self._first[self._present]
        self._repeats = sizes[self._present]

    @classmethod
    def of(cls, vectors: np.ndarray, classes: np.ndarray, count: int, directions: int) -> "Neighbours":
        """Neighbours from the vectors of an encoder in any order.

        Args:
            vectors: shape (n, dimensions).
            classes: class number of each, shape (n,).
            count: how many classes there are.
            directions: how many principal directions to keep. Reading all vectors from memory is what a
                message waits for, and half of the directions give the same answers (docs/understanding.md).
        """
        order = np.argsort(classes, kind="stable")
        ordered = unit(vectors[order].astype(np.float32))
        _, columns = np.linalg.eigh((ordered.T @ ordered).astype(np.float64))
        basis = columns[:, ::-1][:, :directions].astype(np.float32)
        # Two examples of a class with the same vector are one.
        keys = zip(classes[order].tolist(), (vector.tobytes() for vector in ordered), strict=True)
        kept = np.array(list({key: row for row, key in enumerate(keys)}.values()))
        sizes = np.bincount(classes[order][kept], minlength=count)
        return cls(unit(ordered[kept] @ basis), sizes, basis)

    def similarity(self, vectors: np.ndarray, likely: np.ndarray | None = None) -> np.ndarray:
        """Mean cosine to the 3 nearest messages of each class, shape (messages, classes); 0 for an empty class.

        Args:
            vectors: shape (messages, dimensions of the encoder).
            likely: the classes worth comparing with, shape (messages, k); the others get the lowest value of
                these. A message then waits for the vectors of these classes to be read from memory, not for all.
        """
        projected = unit(vectors @ self.basis)
        if likely is not None and len(vectors) <= FEW_MESSAGES:
            return np.stack([self._of_likely(*pair) for pair in zip(projected, likely, strict=True)])
        result = np.zeros((len(vectors), len(self.sizes)), np.float32)
        for start in range(0, len(projected), BATCH):
            rows = slice(start, start + BATCH)
            cosines = projected[rows] @ self.vectors.T
            result[rows, self._present] = self._mean_of_nearest(cosines)
        if likely is None:
            return result
        compared = np.zeros(result.shape, bool)
        np.put_along_axis(compared, likely, True, axis=1)
        lowest = np.where(compared, result, np.inf).min(axis=1, keepdims=True)
        return np.where(compared, result, lowest).astype(np.float32)

    def _of_likely(self, vector: np.ndarray, likely: np.ndarray) -> np.ndarray:
        """Shape (classes,) for one projected vector."""
        means = np.zeros(len(likely), np.float32)
        for place, number in enumerate(likely.tolist()):
            first, end = self._first[number : number + 2].tolist()
            if first < end:
                cosines = self.vectors[first:end] @ vector
                nearest = cosines if end - first <= NEAREST else np.partition(cosines, -NEAREST)[-NEAREST:]
                means[place] = nearest.sum() / len(nearest)
        result = np.full(len(self.sizes), means.min(), np.float32)
        result[likely] = means
        return result

    def _mean_of_nearest(self, cosines: np.ndarray) -> np.ndarray:
        """Shape (messages, present classes), from cosines (messages, training messages), which are overwritten.

        The best of every class is taken in one pass over all of them, and struck out for the next pass.
        """
        total = np.maximum.reduceat(cosines, self._starts, axis=1)
        best, found = total.copy(), np.ones(total.shape, np.float32)
        for _ in range(NEAREST - 1):
            cosines[cosines == np.repeat(best, self._repeats, axis=1)] = -np.inf
            best = np.maximum.reduceat(cosines, self._starts, axis=1)
            left = np.isfinite(best)
            total += np.where(left, best, 0.0)
            found += left
        return total / found

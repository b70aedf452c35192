"""How similar a message is to the nearest training messages of each class."""

import numpy as np

NEAREST = 3
# Below every cosine: marks a neighbour that has been counted.
COUNTED = -2.0


class Neighbours:
    """Training vectors of unit length, ordered by class.

    Args:
        vectors: shape (training messages, dimensions), float32, ordered by class.
        sizes: how many messages each class has, shape (classes,).
    """

    def __init__(self, vectors: np.ndarray, sizes: np.ndarray) -> None:
        self.vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self.sizes = sizes
        self._present = np.flatnonzero(sizes)
        self._repeats = sizes[self._present]
        self._starts = np.cumsum(self._repeats) - self._repeats

    @classmethod
    def of(cls, vectors: np.ndarray, classes: np.ndarray, count: int) -> "Neighbours":
        """Neighbours from vectors in any order, the class number of each, and the number of classes."""
        order = np.argsort(classes, kind="stable")
        return cls(vectors[order], np.bincount(classes, minlength=count))

    def similarity(self, vectors: np.ndarray) -> np.ndarray:
        """Mean cosine to the 3 nearest messages of each class, shape (messages, classes); 0 for an empty class.

        Takes the maximum of each class three times, striking it out in between: for one message that
        is a tenth of the time of sorting class by class. Equal cosines are struck out together.
        """
        cosines = vectors @ self.vectors.T
        total = np.zeros((len(cosines), len(self._present)), np.float32)
        counted = np.zeros_like(total)
        for _ in range(NEAREST):
            best = np.maximum.reduceat(cosines, self._starts, axis=1)
            found = best > COUNTED
            total += np.where(found, best, 0)
            counted += found
            cosines[cosines == np.repeat(best, self._repeats, axis=1)] = COUNTED
        result = np.zeros((len(cosines), len(self.sizes)), np.float32)
        result[:, self._present] = total / counted
        return result

"""How similar a message is to the nearest training messages of each class."""

import numpy as np

NEAREST = 3
# Below every cosine: marks a neighbour that has been counted.
COUNTED = -2.0


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
        self._present = np.flatnonzero(sizes)
        self._repeats = sizes[self._present]
        self._starts = np.cumsum(self._repeats) - self._repeats

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
        return cls(unit(ordered @ basis), np.bincount(classes, minlength=count), basis)

    def similarity(self, vectors: np.ndarray) -> np.ndarray:
        """Mean cosine to the 3 nearest messages of each class, shape (messages, classes); 0 for an empty class.

        Takes the maximum of each class three times, striking it out in between: for one message that
        is a tenth of the time of sorting class by class. Equal cosines are struck out together.
        """
        cosines = unit(vectors @ self.basis) @ self.vectors.T
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

"""How similar a message is to the nearest training messages of each class."""

import numpy as np

NEAREST = 3


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
        alone = len(projected) == 1
        result = np.full((len(projected), len(self.sizes)), np.nan if likely is not None else 0.0, np.float32)
        for number in range(len(self.sizes)) if likely is None else set(likely.ravel().tolist()):
            rows = slice(None) if alone or likely is None else (likely == number).any(axis=1)
            result[rows, number] = self._mean_of_nearest(projected[rows], number)
        if likely is None:
            return result
        lowest = np.nanmin(result, axis=1, keepdims=True)
        return np.where(np.isnan(result), lowest, result)

    def _mean_of_nearest(self, projected: np.ndarray, number: int) -> np.ndarray | float:
        """Mean cosine of each projected vector to the 3 nearest of the class."""
        first, end = self._first[number : number + 2].tolist()
        if first == end:
            return 0.0
        cosines = projected @ self.vectors[first:end].T
        if end - first > NEAREST:
            cosines = np.partition(cosines, -NEAREST, axis=1)[:, -NEAREST:]
        return np.asarray(cosines.mean(axis=1))

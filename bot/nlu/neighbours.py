"""How similar a message is to the training messages of each class that lie nearest to it."""

import numpy as np

# How fast a training message counts for less the farther away it lies: a tenth in cosine is a factor of 120.
SHARPNESS = 48.0
# Below this a mean of exponentials is no number any more; it stands for "far away".
_LEAST = np.float32(1e-37)


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
        """How near the messages of each class lie to a vector, shape (messages, classes); 0 for an empty class.

        The density of a class's messages around the vector, on the scale of a cosine: the logarithm of the mean of
        exp(SHARPNESS * cosine), divided by SHARPNESS (Parzen 1962). The nearest message counts most, and several near
        ones count more than one.

        Args:
            vectors: shape (messages, dimensions of the encoder).
            likely: the classes worth comparing with, shape (messages, k); the others get the lowest value of
                these. A message then waits for the vectors of these classes to be read from memory, not for all.
        """
        projected = unit(vectors @ self.basis)
        if likely is None:
            return np.column_stack([self._density(projected, number) for number in range(len(self.sizes))])
        if len(projected) == 1 and self.sizes[likely[0]].all():
            return self._densities_around(projected[0], likely[0])[None, :]
        result = np.full((len(projected), len(self.sizes)), np.nan, np.float32)
        for number in set(likely.ravel().tolist()):
            rows = (likely == number).any(axis=1)
            result[rows, number] = self._density(projected[rows], number)
        lowest = np.nanmin(result, axis=1, keepdims=True)
        return np.where(np.isnan(result), lowest, result)

    def _density(self, projected: np.ndarray, number: int) -> np.ndarray:
        """The density of one class around each projected vector, shape (messages,)."""
        first, end = self._first[number : number + 2].tolist()
        if first == end:
            return np.zeros(len(projected), np.float32)
        cosines = projected @ self.vectors[first:end].T
        nearest = cosines.max(axis=1)
        cosines -= nearest[:, None]
        cosines *= SHARPNESS
        return np.asarray(nearest + np.log(np.exp(cosines, out=cosines).mean(axis=1)) / SHARPNESS)

    def _densities_around(self, projected: np.ndarray, likely: np.ndarray) -> np.ndarray:
        """What `similarity` gives for one vector, shape (classes,), in fewer and longer steps, as one visitor waits."""
        firsts, sizes = self._first[likely].tolist(), self.sizes[likely]
        starts = np.cumsum(sizes) - sizes
        cosines = np.empty(sizes.sum(), np.float32)
        for first, size, start in zip(firsts, sizes.tolist(), starts.tolist(), strict=True):
            np.dot(self.vectors[first : first + size], projected, out=cosines[start : start + size])
        nearest = cosines.max()
        cosines -= nearest
        cosines *= SHARPNESS
        means = np.add.reduceat(np.exp(cosines, out=cosines), starts) / sizes
        densities = nearest + np.log(np.maximum(means, _LEAST)) / SHARPNESS
        result = np.full(len(self.sizes), densities.min(), np.float32)
        result[likely] = densities
        return result

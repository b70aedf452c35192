"""How likely a message is outside of everything the bot knows, apart from which intent it resembles."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rasa.shared.utils.io import dump_obj_as_json_to_file, read_json_file
from scipy.optimize import minimize

EVERYTHING_IN_SCOPE = 1.01


def gate_features(evidence: np.ndarray, logits: np.ndarray, outside: int | None) -> np.ndarray:
    """Signs of being out of scope, shape (messages, 3 + 2 * (kinds + 1)).

    Of the classes in scope: the best fused logit, their total (energy, Liu et al. 2020), the lead of
    the best over the second, and the best evidence of each kind (max-logit, nearest messages). Of the
    known out-of-scope messages: how much more speaks for them, fused and by kind (0 if there are none).

    Args:
        evidence: shape (messages, classes, kinds).
        logits: fused evidence, shape (messages, classes).
        outside: number of the class of known out-of-scope messages, or None.
    """
    inside = [k for k in range(logits.shape[1]) if k != outside]
    best_of_kind = evidence[:, inside].max(axis=1)
    scores = logits[:, inside]
    best = scores.max(axis=1)
    total = best + np.log(np.exp(scores - best[:, None]).sum(axis=1))
    first_two = np.sort(scores, axis=1)[:, -2:]
    lead = first_two[:, -1] - first_two[:, 0]
    if outside is None:
        more_outside = np.zeros((len(best), 1 + evidence.shape[2]))
    else:
        more_outside = np.column_stack([logits[:, outside] - best, evidence[:, outside] - best_of_kind])
    return np.column_stack([best, total, lead, best_of_kind, more_outside]).astype(np.float64)


def strange_evidence(evidence: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """The evidence as if the class of each message did not exist: stand-ins for unknown topics."""
    strange = evidence.copy()
    rows = np.arange(len(classes))
    strange[rows, classes] = evidence.min(axis=1)
    return strange


@dataclass(frozen=True)
class OutOfScopeGate:
    """Logistic regression on `gate_features`; a message scoring above the threshold is out of scope."""

    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    bias: float
    threshold: float

    def score(self, features: np.ndarray) -> np.ndarray:
        """Probability of being out of scope, 0 to 1, shape (messages,)."""
        margins = ((features - self.mean) / self.scale) @ self.weights + self.bias
        return 1 / (1 + np.exp(-np.clip(margins, -30, 30)))

    def save(self, file: Path) -> None:
        """Writes the gate as JSON."""
        stored = {
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
            "weights": self.weights.tolist(),
            "bias": self.bias,
            "threshold": self.threshold,
        }
        dump_obj_as_json_to_file(file, stored)

    @classmethod
    def load(cls, file: Path) -> "OutOfScopeGate":
        """Reads what `save` wrote."""
        stored = read_json_file(file)
        arrays = [np.array(stored[name]) for name in ("mean", "scale", "weights")]
        return cls(arrays[0], arrays[1], arrays[2], stored["bias"], stored["threshold"])


def fit_gate(inside: np.ndarray, outside: np.ndarray, strength: float = 1.0) -> OutOfScopeGate:
    """Trains the gate on features of both kinds, each kind weighing the same.

    Args:
        inside: features of messages in scope, shape (n, features).
        outside: features of messages out of scope, shape (m, features).
        strength: inverse of the regularisation.
    """
    features = np.concatenate([inside, outside])
    truth = np.concatenate([np.zeros(len(inside)), np.ones(len(outside))])
    shares = np.where(truth == 1, 0.5 / max(len(outside), 1), 0.5 / max(len(inside), 1)) * len(truth)
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    standard = (features - mean) / scale

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        margins = standard @ flat[:-1] + flat[-1]
        error = (1 / (1 + np.exp(-np.clip(margins, -30, 30))) - truth) * shares
        value = float((shares * (np.logaddexp(0, margins) - truth * margins)).sum())
        gradient = np.append(standard.T @ error + flat[:-1] / strength, error.sum())
        return value + float((flat[:-1] ** 2).sum()) / (2 * strength), gradient

    flat = minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return OutOfScopeGate(mean, scale, flat[:-1], float(flat[-1]), EVERYTHING_IN_SCOPE)


def best_threshold(inside: np.ndarray, outside: np.ndarray, false_alarms: float) -> float:
    """The lowest score to call out of scope: as many caught as possible, few messages in scope refused.

    Args:
        inside: scores of held-back messages in scope, shape (n,).
        outside: scores of held-back messages out of scope, shape (m,).
        false_alarms: share of messages in scope that may be refused.
    """
    if len(outside) == 0:
        return EVERYTHING_IN_SCOPE
    candidates = np.unique(np.concatenate([inside, outside]))
    caught = 1 - np.searchsorted(np.sort(outside), candidates) / len(outside)
    refused = 1 - np.searchsorted(np.sort(inside), candidates) / len(inside)
    gain = np.where(refused <= false_alarms, caught - refused, -1 - refused)
    return float(candidates[int(np.argmax(gain))])

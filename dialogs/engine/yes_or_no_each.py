"""Logistic regression that asks of every intent alone: is it this one, or not?

The answers need not add up to 1. Words that fit no intent get a low answer everywhere, so they can be
told from words that fit two; with answers that share out 1 the best of them can look sure of anything.
"""

from typing import List, Tuple

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit

# Where the search for each intent starts: most words are not of that intent.
_FIRST_GUESS = -3.0


def fit(
    words: csr_matrix, sentences: np.ndarray, intents: List[str], *, C: float, rounds: int
) -> Tuple[List[str], np.ndarray]:
    """Learn from (n, w) sparse rows, (n, s) dense rows and n names.

    `C` is the inverse of the regularisation, `rounds` the most L-BFGS rounds. Gives the k sorted names and
    the weights, float32 of shape (w + s + 1, k); the last row is the bias, which is not regularised.
    """
    names = sorted(set(intents))
    signs = np.where(np.array(intents)[:, None] == np.array(names)[None, :], 1, -1).astype(np.float32)
    words, sentences = words.astype(np.float32).tocsr(), sentences.astype(np.float32)
    words_across = words.T.tocsr()
    width, shape = words.shape[1], (words.shape[1] + sentences.shape[1] + 1, len(names))

    def loss(flat: np.ndarray) -> Tuple[float, np.ndarray]:
        weights = flat.reshape(shape).astype(np.float32)
        margins = signs * score(words, sentences, weights)
        slope = -signs * expit(-margins)
        gradient = np.empty(shape, np.float32)
        gradient[:width] = words_across @ slope
        gradient[width:-1] = sentences.T @ slope
        gradient[-1] = slope.sum(axis=0)
        gradient *= C
        gradient[:-1] += weights[:-1]
        misfit = float(np.logaddexp(0, -margins).sum(dtype=np.float64))
        size = float(np.square(weights[:-1], dtype=np.float64).sum())
        return C * misfit + size / 2, gradient.ravel().astype(np.float64)

    start = np.zeros(shape)
    start[-1] = _FIRST_GUESS
    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": rounds})
    return names, found.x.reshape(shape).astype(np.float32)


def score(words: csr_matrix, sentences: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The evidence for each intent, shape (n, k): 0 is even odds, more is yes."""
    width = words.shape[1]
    return words @ weights[:width] + sentences @ weights[width:-1] + weights[-1]

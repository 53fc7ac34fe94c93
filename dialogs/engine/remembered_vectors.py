"""Sentence vectors of earlier trainings: after an edit only the new sentences are encoded."""

import hashlib
import os
from pathlib import Path
from typing import Callable, Dict, List

import numpy as np
from rasa.engine.caching import LocalTrainingCache

Encode = Callable[[List[str]], np.ndarray]


def encode_remembering(encode: Encode, texts: List[str], weights_sha256: str) -> np.ndarray:
    """What `encode(texts)` gives, with the help of a file in Rasa's training cache.

    The file belongs to one set of weights and is rewritten with exactly these texts, so it neither
    grows nor goes stale. It holds digests of the texts, not the texts.
    """
    path = LocalTrainingCache._get_cache_location() / f"sentence-vectors-{weights_sha256[:16]}.npz"
    known = _read(path)
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        known.update(zip(missing, encode(list(missing.values())), strict=True))
    vectors = np.stack([known[key] for key in keys])
    if missing:
        _write(path, keys, vectors)
    return vectors


def _read(path: Path) -> Dict[str, np.ndarray]:
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as kept:
        return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))


def _write(path: Path, keys: List[str], vectors: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: a training may be killed, and two may run at once.
    unfinished = path.with_suffix(f".{os.getpid()}.npz")
    np.savez(unfinished, keys=np.array(keys), vectors=vectors)
    unfinished.replace(path)

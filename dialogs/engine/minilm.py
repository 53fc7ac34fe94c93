"""A BERT sentence encoder in numpy: reads safetensors and tokenizer.json, no torch.

Made for all-MiniLM-L6-v2 and any sentence-transformers model of the same shape (BertModel, mean
pooling, absolute positions); layer count and widths are read from the weights.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Dict, List

import numpy as np
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

# Members' words are short; what is beyond this many tokens is not looked at.
MAX_TOKENS = 128
BATCH_SIZE = 64
_SQRT_2 = np.float32(np.sqrt(2.0))


class WeightsChanged(Exception):
    """A model file is not the one the settings vouch for. The message names the file and both digests."""


@lru_cache(maxsize=2)
def load_encoder(folder: str, weights_sha256: str, tokenizer_sha256: str) -> "SentenceEncoder":
    """The encoder in `folder`; its files are checked first (WeightsChanged). Loaded once per process."""
    path = Path(folder)
    require_digest(path / "model.safetensors", weights_sha256)
    require_digest(path / "tokenizer.json", tokenizer_sha256)
    return SentenceEncoder(path)


def require_digest(path: Path, wanted: str) -> None:
    """Raise WeightsChanged unless the file's SHA-256 is `wanted` (hex)."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    if digest.hexdigest() != wanted:
        raise WeightsChanged(f"{path.name}: sha256 is {digest.hexdigest()}, expected {wanted}")


class SentenceEncoder:
    """Turns texts into unit vectors of `width` numbers."""

    def __init__(self, folder: Path) -> None:
        weights: Dict[str, np.ndarray] = load_file(str(folder / "model.safetensors"))
        shape = json.loads((folder / "config.json").read_text())
        self._heads = int(shape["num_attention_heads"])
        self._epsilon = np.float32(shape["layer_norm_eps"])
        self._weights = weights
        self._words = weights["embeddings.word_embeddings.weight"]
        # Every text is one segment, so the segment's vector is the same for each position.
        self._places = (
            weights["embeddings.position_embeddings.weight"]
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._layer_count = 1 + max(
            int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer.")
        )
        self.width = int(self._words.shape[1])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)

    def encode(self, texts: List[str]) -> np.ndarray:
        """Texts -> float32 array of shape (len(texts), width), each row of length 1."""
        token_ids = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        vectors = np.zeros((len(texts), self.width), dtype=np.float32)
        # Texts of like length share a batch, so that little is spent on padding.
        order = sorted(range(len(texts)), key=lambda index: len(token_ids[index]))
        for start in range(0, len(order), BATCH_SIZE):
            chosen = order[start : start + BATCH_SIZE]
            vectors[chosen] = self._encode_batch([token_ids[index] for index in chosen])
        return vectors

    def _encode_batch(self, rows: List[List[int]]) -> np.ndarray:
        longest = max(len(row) for row in rows)
        ids = np.zeros((len(rows), longest), dtype=np.int64)
        mask = np.zeros((len(rows), longest), dtype=np.float32)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = row
            mask[index, : len(row)] = 1.0
        hidden = self._norm(self._words[ids] + self._places[:longest], "embeddings.LayerNorm")
        # Padding is pushed out of every softmax.
        hidden_from = (1.0 - mask[:, None, None, :]) * np.float32(-1e9)
        for number in range(self._layer_count):
            hidden = self._layer(hidden, hidden_from, f"encoder.layer.{number}")
        pooled = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)

    def _layer(self, hidden: np.ndarray, hidden_from: np.ndarray, name: str) -> np.ndarray:
        attended = self._dense(self._attend(hidden, hidden_from, name), f"{name}.attention.output.dense")
        hidden = self._norm(hidden + attended, f"{name}.attention.output.LayerNorm")
        inner = self._dense(hidden, f"{name}.intermediate.dense")
        inner *= 0.5 * (1.0 + erf(inner / _SQRT_2))  # GELU, the exact one that BERT was trained with
        return self._norm(hidden + self._dense(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _attend(self, hidden: np.ndarray, hidden_from: np.ndarray, name: str) -> np.ndarray:
        rows, length, _ = hidden.shape
        size = self.width // self._heads

        def by_head(part: str) -> np.ndarray:
            projected = self._dense(hidden, f"{name}.attention.self.{part}")
            return projected.reshape(rows, length, self._heads, size).transpose(0, 2, 1, 3)

        scores = by_head("query") @ by_head("key").transpose(0, 1, 3, 2) / np.float32(np.sqrt(size))
        scores += hidden_from
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        return (scores @ by_head("value")).transpose(0, 2, 1, 3).reshape(rows, length, self.width)

    def _dense(self, values: np.ndarray, name: str) -> np.ndarray:
        # One product for the whole batch: numpy would make one small product per text of a 3-D array.
        flat = values.reshape(-1, values.shape[-1])
        out = flat @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return out.reshape(*values.shape[:-1], -1)

    def _norm(self, values: np.ndarray, name: str) -> np.ndarray:
        centered = values - values.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centered * centered).mean(axis=-1, keepdims=True) + self._epsilon)
        return centered / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]

"""An encoder for tests that has meaning: texts that share words have near vectors.

Every word (and, for Chinese, every character and pair of neighbouring characters) is hashed to
one coordinate with a stable hash; a row is the square root of the counts, made a unit vector. It
knows no language but the one in front of it: to give it a translation, name the pair in
``synonyms``.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b, sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")


class BagOfWordsEncoder:
    """Implements ``index.Encoder``; ``calls`` counts the passages encoded so far."""

    def __init__(
        self,
        dim: int = 256,
        *,
        name: str = "bag-of-words",
        synonyms: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.dim = dim
        self.synonyms = dict(synonyms or {})
        recipe = f"{name}:{dim}:{sorted(self.synonyms.items())}"
        self.fingerprint = sha256(recipe.encode()).hexdigest()
        self.calls = 0

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dim) float32, unit rows; a zero row for a text without words."""
        return np.stack([self._row(text) for text in texts]) if texts else self._empty()

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """As ``encode_queries``; ``progress`` is called once, with the number encoded."""
        self.calls += len(texts)
        rows = self.encode_queries(texts)
        if progress is not None and texts:
            progress(len(texts))
        return rows

    def _empty(self) -> NDArray[np.float32]:
        return np.zeros((0, self.dim), dtype=np.float32)

    def _row(self, text: str) -> NDArray[np.float32]:
        row = np.zeros(self.dim, dtype=np.float32)
        for word in self._words(text):
            digest = blake2b(word.encode(), digest_size=8).digest()
            row[int.from_bytes(digest, "little") % self.dim] += 1.0
        row = np.sqrt(row)
        norm = float(np.linalg.norm(row))
        return row / np.float32(norm) if norm else row

    def _words(self, text: str) -> list[str]:
        words: list[str] = []
        for run in _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold()):
            if run[0] >= "\u3400" and run[0] <= "\u9fff":
                words += [*run, *(run[i : i + 2] for i in range(len(run) - 1))]
            else:
                words.append(run)
        return [self.synonyms.get(word, word) for word in words]


class BagOfTokensEncoder(BagOfWordsEncoder):
    """Implements ``index.embed.TokenEncoder``: a token is a word, its vector the word's own axis.

    So late interaction is the share of the question's words that a passage has, however long it is.
    """

    def __init__(self, dim: int = 256, *, token_dim: int = 128, **how: Any) -> None:
        super().__init__(dim, **{"name": "bag-of-tokens", **how})
        self.token_dim = token_dim
        self.fingerprint = sha256(f"{self.fingerprint}:{token_dim}".encode()).hexdigest()

    def encode_query_tokens(self, text: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return self.encode_queries([text])[0], self._tokens(text).astype(np.float32)

    def encode_tokens(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[NDArray[np.int8]]]:
        rows = self.encode_passages(texts, progress)
        return rows, [127 * self._tokens(text) for text in texts]

    def token_places(self, text: str) -> NDArray[np.int64]:
        """Of texts that NFKC leaves as they are."""
        places: list[int] = []
        for run in _TOKEN.finditer(text):
            places += [run.end() - 1] * len(self._words(run.group()))
        return np.asarray(places, dtype=np.int64)

    def _tokens(self, text: str) -> NDArray[np.int8]:
        words = self._words(text)
        tokens = np.zeros((len(words), self.token_dim), dtype=np.int8)
        for at, word in enumerate(words):
            digest = blake2b(word.encode(), digest_size=8).digest()
            tokens[at, int.from_bytes(digest, "little") % self.token_dim] = 1
        return tokens

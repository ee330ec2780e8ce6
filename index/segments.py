"""The sentences of a passage, and which of its tokens each has."""

import numpy as np
from numpy.typing import NDArray

from corpus import Document, Passage, sentences
from index.chunk import embedding_text
from index.embed import TokenEncoder


def sentence_spans(passage: Passage, document: Document) -> list[tuple[int, int, int]]:
    """(paragraph of the passage, start, end) of each sentence, in reading order.

    Paragraphs are counted from 0; spans are code points into the document's text, end exclusive.
    A sentence never crosses the border of a paragraph, nor that of its passage.
    """
    blocks = [
        (max(paragraph.start, passage.start), min(paragraph.end, passage.end))
        for paragraph in document.paragraphs
        if paragraph.start < passage.end and passage.start < paragraph.end
    ]
    return [
        (block, block_start + start, block_start + end)
        for block, (block_start, block_end) in enumerate(blocks or [(passage.start, passage.end)])
        for start, end in sentences(document.text[block_start:block_end], document.language)
    ]


def token_places(encoder: TokenEncoder, passage: Passage, document: Document) -> NDArray[np.int64]:
    """(tokens,) rising: where each token of the passage stands in the document; before its text
    for the heading's."""
    text = embedding_text(passage, document)
    return encoder.token_places(text) + passage.start - (len(text) - len(passage.text))


def sentence_tokens(
    encoder: TokenEncoder, passage: Passage, document: Document, tokens: int
) -> list[tuple[int, int]]:
    """(first, last) of each sentence among the first ``tokens`` tokens, last exclusive."""
    places = token_places(encoder, passage, document)[:tokens]
    spans = np.array([span for _, *span in sentence_spans(passage, document)], dtype=np.int64)
    found = np.searchsorted(places, spans.reshape(-1, 2))
    return [(first, last) for first, last in found.tolist()]

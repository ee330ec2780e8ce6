"""The HTTP shapes of feedback, and how a request becomes an opinion that can be stored."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from corpus import Document, EmptyQuestion, QuestionTooLong
from service.feedback import Feedback, Reason, Verdict, cited

MOST_CITATIONS = 50
MOST_CHARACTERS = 20_000  # of one quote
COMMENT_LIMIT = 2_000  # characters


class CitedIn(BaseModel):
    """A citation as the answer gave it: the document must say ``quote`` exactly there."""

    model_config = ConfigDict(extra="forbid")
    document_id: StrictStr
    start: Annotated[StrictInt, Field(ge=0)]
    end: Annotated[StrictInt, Field(ge=1)]
    quote: StrictStr = Field(max_length=MOST_CHARACTERS)


class FeedbackIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "3f2a9c5e71b04d6c",
                    "question": "Who registers an object launched into outer space?",
                    "language": "en",
                    "verdict": "down",
                    "reason": "incomplete",
                    "citations": [],
                    "generation": "6f1d2c3b4a596877",
                }
            ]
        },
    )
    id: StrictStr = Field(
        pattern=r"^[0-9A-Za-z_-]{8,64}$",
        description="Made up by the client, one for an answer; the same again changes the opinion.",
    )
    question: StrictStr
    language: Literal["zh", "en", "fr", "es", "ru", "ar"] = Field(
        description="The language of the question, as the answer gave it."
    )
    verdict: Verdict
    reason: Reason | None = Field(default=None, description="With 'down'.")
    comment: StrictStr | None = Field(default=None, max_length=COMMENT_LIMIT)
    abstained: StrictBool = Field(default=False, description="Whether the answer did.")
    citations: list[CitedIn] = Field(default=[], max_length=MOST_CITATIONS)
    generation: StrictStr = Field(max_length=64, description="Of the answer.")


class FeedbackOut(BaseModel):
    """What is now stored."""

    model_config = ConfigDict(extra="forbid")
    id: str
    verdict: Verdict
    reason: Reason | None


def opinion(told: FeedbackIn, documents: Mapping[str, Document], question_limit: int) -> Feedback:
    """What was told, checked against the documents; ``question_limit`` is in characters.

    Raises ``EmptyQuestion``, ``QuestionTooLong``, ``UnknownDocument``, ``BadCitation``.
    """
    question = _storable(told.question)
    if not question:
        raise EmptyQuestion
    if len(question) > question_limit:
        raise QuestionTooLong(len(question), question_limit)
    return Feedback(
        id=told.id,
        question=question,
        language=told.language,
        verdict=told.verdict,
        reason=told.reason if told.verdict == "down" else None,
        comment=_storable(told.comment or "") or None,
        abstained=told.abstained,
        cited=tuple(
            cited(documents, each.document_id, each.start, each.end, each.quote)
            for each in told.citations
        ),
        generation=told.generation,
    )


def _storable(text: str) -> str:
    """Without surrounding space, and without lone surrogates, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8").strip()

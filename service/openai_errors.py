"""Problem details -> the error object that OpenAI's clients read, and its status."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

_STATUSES = {422: 400}  # OpenAI answers every malformed request with 400


class OpenAIError(BaseModel):
    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIErrorOut(BaseModel):
    """What ``/v1`` answers instead of problem details."""

    error: OpenAIError


def openai_error(problem: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """(status, ``{"error": {message, type, param, code}}``) of the body of a problem.

    ``code`` is the problem's type in OpenAI's spelling: 'question_too_long', 'model_not_found'.
    """
    status = _STATUSES.get(problem["status"], problem["status"])
    return status, {
        "error": {
            "message": problem["detail"],
            "type": "invalid_request_error" if status < 500 else "server_error",
            "param": problem.get("field"),
            "code": problem["type"].rpartition(":")[2].replace("-", "_"),
        }
    }

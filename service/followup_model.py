"""Follow-up questions completed by a model, checked, else by the rule."""

import logging
from collections.abc import Sequence

from corpus import detect_language
from service.followup import Rewriter, Turn, recent
from service.llm_client import Model, complete
from service.llm_reply import ModelFailed, read_question
from service.parties import parties
from service.prompt import rewrite_messages
from service.prompt_guard import addressed_to_a_model
from service.verify_claims import may_be_shown, values

LONGEST = 600  # characters of a question that a model wrote

_log = logging.getLogger(__name__)


class ModelRewriter:
    """Asks ``model``; ``otherwise`` answers when it fails or adds what nobody said."""

    def __init__(self, model: Model, otherwise: Rewriter, secrets: Sequence[str] = ()) -> None:
        self._model, self._otherwise, self._secrets = model, otherwise, tuple(secrets)

    def standalone(self, question: str, history: Sequence[Turn]) -> str:
        turns = recent(history)
        if not turns:
            return question
        messages = rewrite_messages(question, [(turn.role, turn.text) for turn in turns])
        try:
            written = read_question(complete(self._model, messages))
        except ModelFailed as failed:
            _log.warning("The rule completes the question, since the model failed: %s", failed)
            return self._otherwise.standalone(question, history)
        if self._is_fair(written, question, turns):
            return written
        _log.warning("The rule completes the question: the model's holds what nobody said.")
        return self._otherwise.standalone(question, history)

    def _is_fair(self, written: str, question: str, turns: Sequence[Turn]) -> bool:
        """Same language; no figure, party or address that is not in the conversation."""
        said = " ".join([question, *(turn.text for turn in turns)])
        return (
            len(written) <= LONGEST
            and _alphabet(written) == _alphabet(question)
            and values(written) <= values(said)
            and parties(written) <= parties(said)
            and may_be_shown(written, self._secrets)
            and not addressed_to_a_model(written)
        )


def _alphabet(text: str) -> str:
    """A language, the three in Latin letters as one: four words do not tell those apart."""
    language = detect_language(text)
    return "latin" if language in ("en", "fr", "es") else language

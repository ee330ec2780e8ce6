"""What answers as the settings say: the writer they name, and what completes follow-ups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from corpus import Hit
from index import Encoder, Index
from service.answer import Asker
from service.breaker import Breaker, RestedModel
from service.calibration import shipped
from service.confidence import confidence, doubt_for, threshold_for
from service.followup import Rewriter, RuleRewriter
from service.followup_model import ModelRewriter
from service.llm import LLMWriter
from service.llm_client import ChatModel, Endpoint
from service.settings import Settings
from service.writer import ExtractiveWriter, Writer

REWRITE_SECONDS = 10.0  # a question is one line; the answer has yet to be written


def asker_of(
    index: Index | Callable[[], Index],
    encoder: Encoder,
    settings: Settings,
    writer: Writer | None = None,
) -> Asker:
    """An asker with these settings; ``writer`` instead of the one they name, if given."""
    own, rewriter = open_writers(settings, encoder)
    return Asker(
        index,
        writer or own,
        question_limit=settings.question_limit,
        threshold=threshold_for(encoder, settings.threshold),
        doubt=doubt_for(encoder),
        rewriter=rewriter,
    )


def open_writers(settings: Settings, encoder: Encoder) -> tuple[Writer, Rewriter]:
    """Asks no model yet: whether there is one shows when a question comes."""
    extractive = ExtractiveWriter(encoder)
    if settings.writer != "llm" or settings.llm_url is None or settings.llm_model is None:
        return extractive, RuleRewriter()
    endpoint = Endpoint(
        settings.llm_url,
        settings.llm_model,
        settings.llm_key,
        seconds=float(settings.llm_timeout),
        retries=settings.llm_retries,
    )
    hurried = replace(endpoint, seconds=min(REWRITE_SECONDS, endpoint.seconds))
    breaker = Breaker()
    threshold = threshold_for(encoder, settings.threshold)

    def enough(hits: Sequence[Hit], signals: Mapping[str, float]) -> bool:
        return confidence(hits, signals, shipped()) >= threshold

    secrets = [each for each in (settings.llm_key, settings.llm_url) if each]
    writer = LLMWriter(
        RestedModel(ChatModel(endpoint), breaker),
        extractive,
        enough=enough,
        mark=settings.llm_unsupported == "mark",
        secrets=secrets,
    )
    completing = RestedModel(ChatModel(hurried), breaker)
    return writer, ModelRewriter(completing, RuleRewriter(), secrets)

"""What ``GET /metrics`` shows, in the Prometheus text format; one registry per app."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from index import Index

CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


class Metrics:
    """Counts requests by route template, method and status; reads the index when scraped.

    ``index`` gives the open index or None. A request that matched no route counts under
    'unmatched', so that invented paths make no new series.
    """

    def __init__(self, index: Callable[[], Index | None]) -> None:
        self._registry = CollectorRegistry(auto_describe=True)
        self._requests = Counter(
            "sextant_requests",
            "HTTP requests answered.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "sextant_request_seconds",
            "Time from request to the end of the response.",
            ("route",),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._in_flight = Gauge(
            "sextant_requests_in_flight", "HTTP requests being answered.", registry=self._registry
        )
        self._registry.register(_IndexCollector(index))
        ProcessCollector(registry=self._registry)

    def begin(self) -> None:
        self._in_flight.inc()

    def end(self, route: str, method: str, status: int, seconds: float) -> None:
        self._in_flight.dec()
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """The exposition, of media type ``CONTENT_TYPE``."""
        return generate_latest(self._registry)


class _IndexCollector(Collector):
    def __init__(self, index: Callable[[], Index | None]) -> None:
        self._index = index

    def collect(self) -> Iterator[Metric]:
        index = self._index()
        yield GaugeMetricFamily(
            "sextant_index_ready", "1 when an index is open.", value=float(index is not None)
        )
        documents = 0 if index is None else len(index.documents)
        passages = 0 if index is None else len(index.passages)
        yield GaugeMetricFamily("sextant_index_documents", "Documents.", value=documents)
        yield GaugeMetricFamily("sextant_index_passages", "Passages.", value=passages)
        info = GaugeMetricFamily(
            "sextant_index_info",
            "1, with the generation being served, the encoder it was built with and what reranks.",
            labels=("generation", "encoder", "reranker"),
        )
        if index is not None:
            reranker = index.reranked_by or "none"
            info.add_metric((index.generation, index.encoder.name, reranker), 1)
        yield info

"""What a scrape shows, read back with Prometheus's own parser."""

from prometheus_client.parser import text_string_to_metric_families
from support.fake_encoder import BagOfWordsEncoder
from support.fake_index import FakeIndex, FakeStore

from service.metrics import CONTENT_TYPE, Metrics


def samples(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_requests_are_counted_by_route_method_and_status() -> None:
    metrics = Metrics(lambda: None)
    for status in (200, 200, 404):
        metrics.begin()
        metrics.end("/api/documents/{id}", "GET", status, 0.002)
    shown = samples(metrics)
    ok = (("method", "GET"), ("route", "/api/documents/{id}"), ("status", "200"))
    missing = (("method", "GET"), ("route", "/api/documents/{id}"), ("status", "404"))
    assert shown["sextant_requests_total", ok] == 2
    assert shown["sextant_requests_total", missing] == 1
    route = ("route", "/api/documents/{id}")
    assert shown["sextant_request_seconds_count", (route,)] == 3
    assert shown["sextant_request_seconds_bucket", (("le", "0.001"), route)] == 0
    assert shown["sextant_request_seconds_bucket", (("le", "0.0025"), route)] == 3


def test_requests_in_flight_go_up_and_down() -> None:
    metrics = Metrics(lambda: None)
    metrics.begin()
    metrics.begin()
    assert samples(metrics)["sextant_requests_in_flight", ()] == 2
    metrics.end("/", "GET", 200, 0.0)
    assert samples(metrics)["sextant_requests_in_flight", ()] == 1


def test_without_an_index_its_figures_are_nought() -> None:
    shown = samples(Metrics(lambda: None))
    assert shown["sextant_index_ready", ()] == 0
    assert shown["sextant_index_passages", ()] == 0
    assert not [name for name, _ in shown if name == "sextant_index_info"]


def test_the_index_is_read_at_each_scrape() -> None:
    index = FakeIndex("g1", FakeStore(), BagOfWordsEncoder())
    index.documents, index.passages = {"a": None, "b": None}, (1, 2, 3)
    metrics = Metrics(lambda: index)
    shown = samples(metrics)
    assert shown["sextant_index_ready", ()] == 1
    assert shown["sextant_index_documents", ()] == 2
    assert shown["sextant_index_passages", ()] == 3
    assert (
        shown[
            "sextant_index_info",
            (("encoder", "bag-of-words"), ("generation", "g1"), ("reranker", "none")),
        ]
        == 1
    )
    index.generation, index.reranked_by = "g2", "late"
    info = [labels for name, labels in samples(metrics) if name == "sextant_index_info"]
    assert info == [(("encoder", "bag-of-words"), ("generation", "g2"), ("reranker", "late"))]


def test_two_apps_do_not_share_figures() -> None:
    first, second = Metrics(lambda: None), Metrics(lambda: None)
    first.begin()
    assert samples(second)["sextant_requests_in_flight", ()] == 0
    assert CONTENT_TYPE.startswith("text/plain")

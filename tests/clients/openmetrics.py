"""The page of live metrics in both formats and compressed, read by Prometheus's own client library: openmetrics.py PROGRAM."""

import gzip
import sys
import time
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families as of_openmetrics
from prometheus_client.parser import text_string_to_metric_families as of_text

from served import Served


def page(address, **headers):
    request = urllib.request.Request(address, headers={name.replace("_", "-"): value for name, value in headers.items()})
    with urllib.request.urlopen(request) as answer:
        return answer.headers, answer.read()


def series(families):
    """Every series with its value, except those that change between two requests; bounds as numbers, since the formats differ."""
    def key(sample):
        labels = {name: float(value) if name == "le" else value for name, value in sample.labels.items()}
        return sample.name, tuple(sorted(labels.items()))

    changes = ("process_", "reveille_http_", "reveille_model_time", "reveille_lag", "reveille_oldest", "reveille_timers")
    return {
        key(sample): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.startswith(changes)
    }


with Served(sys.argv[1]) as served:
    # The engine sets its gauges at its first sample, which may be late on a busy machine.
    until = time.monotonic() + 30
    while len(series(of_text(page(served.metrics)[1].decode()))) <= 100 and time.monotonic() < until:
        time.sleep(0.1)
    headers, body = page(served.metrics, Accept="application/openmetrics-text; version=1.0.0")
    assert headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8", headers
    assert body.endswith(b"# EOF\n") and "Content-Encoding" not in headers, headers
    families = list(of_openmetrics(body.decode()))
    kinds = {family.name: family.type for family in families}
    assert kinds["reveille_messages_accepted"] == "counter" and kinds["reveille_delivery_seconds"] == "histogram", kinds
    assert kinds["reveille_http_request_seconds"] == "histogram" and all(family.documentation for family in families)

    headers, packed = page(served.metrics, Accept="application/openmetrics-text", Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip" and len(packed) < len(body) / 4, (headers, len(packed), len(body))
    assert {family.name for family in of_openmetrics(gzip.decompress(packed).decode())} == set(kinds)

    headers, plain = page(served.metrics)
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8", headers
    text = series(of_text(plain.decode()))
    assert text == series(families) and len(text) > 100, set(text) ^ set(series(families))
    print(f"OpenMetrics: {len(text)} series in {len(kinds)} families, all well")

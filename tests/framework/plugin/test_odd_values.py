"""Values that nobody means, for every parameter of every component: taken, or refused with a reason.

Here two hundred of them; ``tests/fuzz/odd_values.py`` tries all.
"""

import sys
from pathlib import Path

import pytest

from embkit.plugin.registry import Registry

sys.path.insert(0, str(Path(__file__).parents[2] / "fuzz"))
import odd_values

QUICK = ("artifact", "clusterer", "reducer", "namer", "validator", "loader", "exporter")


@pytest.mark.filterwarnings("ignore")
def test_two_hundred_odd_values(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odd_values, "SECONDS", (60,))
    chosen = [
        tried
        for tried in odd_values.chosen_ones(registry, 520, seed=2026)
        if tried.component.kind in QUICK
        and tried.component.name not in ("umap", "tsne", "k-sweep", "openai", "projection", "structure")
    ][:200]
    assert len(chosen) == 200
    assert odd_values.faults(chosen, registry) == []


@pytest.mark.parametrize(
    ("request_text", "message"),
    [
        ("kmeans:n_clusters=2,n_init=1000000000", "n_init=1000000000 is not valid"),
        ("bisecting-kmeans:n_clusters=2,n_init=1000000000", "n_init=1000000000 is too large"),
        ("kmeans:n_clusters=99999999999999999999999999", "integers have at most 64 bits"),
        (f"dbscan:eps={'9' * 5000}", "refused its input"),
        ("dbscan:eps=wide", "The 'eps' parameter of DBSCAN must be a float"),
    ],
)
def test_what_would_not_end_is_refused(request_text: str, message: str, registry: Registry) -> None:
    from embkit.data.configuration.request import parse_request
    from embkit.errors import ParameterError
    from embkit.plugin.steps import make_step

    with pytest.raises(ParameterError, match=message):
        make_step(registry, "clusterer", parse_request(request_text))


@pytest.mark.parametrize("parameter", ["stability:n_resamples", "significance:n_null", "k-sweep:n_null"])
def test_repetitions_are_bounded(parameter: str, registry: Registry) -> None:
    from embkit.data.configuration.request import parse_request
    from embkit.errors import ParameterError
    from embkit.plugin.steps import make_step

    with pytest.raises(ParameterError, match="is not valid; input should be less than or equal to 1000"):
        make_step(registry, "validator", parse_request(f"{parameter}=1000000000"))

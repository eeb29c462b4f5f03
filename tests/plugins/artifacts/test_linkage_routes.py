import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist

from embkit.data.dataset import Dataset
from embkit_plugins.algorithms.distances.pairs import Metric
from embkit_plugins.artifacts.linkage import Linkage
from embkit_plugins.artifacts.linkage.routes import Method, fitting_linkages, route_for
from fixture_types import MakeContext

Pair = tuple[Method, Metric]

LEAN: dict[Pair, str] = {
    ("average", "cosine"): "means in rounds",
    ("ward", "euclidean"): "means in rounds",
    ("complete", "cosine"): "farthest in rounds",
    ("complete", "euclidean"): "farthest in rounds",
    ("single", "cosine"): "spanning tree",
    ("single", "euclidean"): "spanning tree",
}
GB = 10**9


@pytest.mark.parametrize("pair", LEAN)
def test_few_rows_take_the_matrix_and_many_the_lean_route(pair: Pair) -> None:
    assert route_for(*pair, 2000, 100, 16 * GB).name == "condensed matrix"
    assert route_for(*pair, 20_000, 100, 16 * GB).name == LEAN[pair]


@pytest.mark.parametrize(
    "linkage_and_metric", [("average", "euclidean"), ("weighted", "cosine"), ("complete", "manhattan")]
)
def test_the_others_always_take_the_matrix(linkage_and_metric: Pair) -> None:
    route = route_for(*linkage_and_metric, 200_000, 768, 4 * GB)
    assert route.name == "condensed matrix"
    assert route.peak > 160 * GB


def test_a_small_budget_turns_to_the_lean_route_sooner() -> None:
    assert route_for("complete", "cosine", 7000, 384, 500 * 10**6).name == "condensed matrix"
    assert route_for("complete", "cosine", 7000, 384, 300 * 10**6).name == "farthest in rounds"


@pytest.mark.parametrize(("n_samples", "limit"), [(30_000, GB), (60_000, 2 * GB), (100_000, 2 * GB)])
@pytest.mark.parametrize("pair", [("average", "cosine"), ("complete", "cosine")])
def test_many_rows_fit(pair: Pair, n_samples: int, limit: int) -> None:
    resident = 4 * n_samples * 384 + 150 * 10**6
    assert route_for(*pair, n_samples, 384, limit - resident).peak + resident < limit


def test_the_matrix_at_the_end_fits_what_is_left() -> None:
    roomy = route_for("complete", "cosine", 60_000, 384, 4 * GB)
    tight = route_for("complete", "cosine", 60_000, 384, roomy.peak - 10**8)
    assert tight.until < roomy.until == 8000
    assert tight.peak <= roomy.peak - 10**8


def test_the_refusal_names_what_would_fit() -> None:
    estimate = Linkage(linkage="average", metric="euclidean").memory(200_000, 768, 6 * GB)
    assert estimate.peak > 6 * GB
    assert "--clusterer agglomerative:linkage=average,metric=cosine" in estimate.alternatives
    assert estimate.alternatives[-1] == "--clusterer minibatch-kmeans"
    assert fitting_linkages(200_000, 768, 10**8) == []


@pytest.mark.parametrize("pair", LEAN)
def test_the_artifact_says_which_route_it_took(make_context: MakeContext, pair: Pair) -> None:
    method, metric = pair
    vectors = np.random.default_rng(0).normal(size=(200, 10)).astype(np.float32)
    expected = linkage(pdist(vectors.astype(np.float64), metric), method)
    quick = make_context(Dataset(vectors)).artifact("linkage", linkage=method, metric=metric)
    assert quick.facts["route"] == "condensed matrix"
    assert quick.facts["whole"] is True
    np.testing.assert_allclose(quick["linkage"][:, 2], expected[:, 2], atol=1e-6)


@pytest.mark.parametrize("pair", LEAN)
def test_lean_routes_give_the_same_tree(
    make_context: MakeContext, monkeypatch: pytest.MonkeyPatch, pair: Pair
) -> None:
    monkeypatch.setattr(
        "embkit_plugins.artifacts.linkage.routes._QUICK", dict.fromkeys(LEAN.values(), 50)
    )
    method, metric = pair
    vectors = np.random.default_rng(1).normal(size=(200, 10)).astype(np.float32)
    expected = linkage(pdist(vectors.astype(np.float64), metric), method)
    context = make_context(Dataset(vectors))
    artifact = context.artifact("linkage", linkage=method, metric=metric)
    assert artifact.facts["route"] == LEAN[pair]
    np.testing.assert_allclose(artifact["linkage"][:, 2], expected[:, 2], atol=1e-6)
    below = float(expected[120, 2])
    part = context.artifact("linkage", linkage=method, metric=metric, below=below)
    assert len(part["linkage"]) in (120, 121)  # the height itself is known up to rounding only
    assert part.facts["whole"] is False

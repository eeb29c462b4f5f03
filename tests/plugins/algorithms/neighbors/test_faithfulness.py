"""Trustworthiness and continuity against scikit-learn."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from embkit.data.dataset import Dataset
from embkit_plugins.algorithms.distances.across import Vectors
from embkit_plugins.algorithms.neighbors import faithfulness as module
from embkit_plugins.algorithms.neighbors.faithfulness import faithfulness
from narrowing import present

RNG = np.random.default_rng(6)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("n_samples", [12, 300])
def test_is_scikit_learns_on_all_rows(metric: Vectors, n_samples: int) -> None:
    rows, points = RNG.normal(size=(n_samples, 6)), RNG.normal(size=(n_samples, 2))
    points[: n_samples // 2] = rows[: n_samples // 2, :2]
    found = present(faithfulness(Dataset(rows), points, metric))
    k = min(15, (n_samples - 1) // 2)
    assert (found.n_neighbors, found.n_sampled) == (k, n_samples)
    expected = trustworthiness(rows, points, n_neighbors=k, metric=metric)
    assert found.trustworthiness == pytest.approx(expected)
    assert str(found).startswith(f"Trustworthiness {expected:.2f}, continuity 0.")


def test_continuity_is_the_trustworthiness_the_other_way_round() -> None:
    rows = RNG.normal(size=(200, 3))
    points = rows[:, :2]
    found = present(faithfulness(Dataset(rows), points, "euclidean"))
    assert found.continuity == pytest.approx(trustworthiness(points, rows, n_neighbors=15))
    assert found.continuity > found.trustworthiness


def test_a_sample_is_near_the_whole() -> None:
    rows = RNG.normal(size=(3000, 5))
    points = rows[:, :2].astype(np.float32)
    found = present(faithfulness(Dataset(rows), points, "euclidean"))
    assert found.n_sampled == 500
    assert found.trustworthiness == pytest.approx(
        trustworthiness(rows, points, n_neighbors=15), abs=0.01
    )


def test_a_map_that_keeps_all_and_too_few_rows() -> None:
    rows = RNG.normal(size=(40, 2))
    found = present(faithfulness(Dataset(rows), 3 * rows, "euclidean"))
    assert (found.trustworthiness, found.continuity) == (1, 1)
    assert faithfulness(Dataset(rows[:4]), rows[:4], "euclidean") is None


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "correlation"])
def test_very_many_rows_are_compared_by_blocks(metric: Vectors, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = RNG.normal(size=(900, 5)).astype(np.float32) + 1
    points = (rows[:, :2] + RNG.normal(scale=0.3, size=(900, 2))).astype(np.float32)
    whole = present(faithfulness(Dataset(rows), points, metric))
    monkeypatch.setattr(module, "_WHOLE", 100)
    monkeypatch.setattr(module, "_BLOCK", 64)
    shares: list[float] = []
    found, again = (
        present(
            faithfulness(Dataset(rows), points, metric, threads, lambda done, _: shares.append(done))
        )
        for threads in (1, 2)
    )
    assert found == again
    assert found.n_sampled == whole.n_sampled == 500
    assert found.trustworthiness == pytest.approx(whole.trustworthiness, abs=1e-6)
    assert found.continuity == pytest.approx(whole.continuity, abs=1e-6)
    assert shares[: len(shares) // 2] == sorted(shares[len(shares) // 2 :])


def test_rows_on_one_spot_of_the_map_are_counted_by_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, points = RNG.normal(size=(200, 4)), np.zeros((200, 2))
    monkeypatch.setattr(module, "_WHOLE", 100)
    found = present(faithfulness(Dataset(rows), points, "euclidean"))
    assert 0 <= found.trustworthiness < 0.7
    assert found.continuity == 1  # all others are nearest on the map

"""Metrics of scikit-learn and one's own functions as validators, each registered in one line."""

import json
import os
import types
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

import embkit
from embkit.data.configuration.request import Request
from embkit.data.dataset import Dataset
from embkit.plugin.kinds import KINDS
from embkit.plugin.registry import Registry
from embkit.plugin.steps import create
from embkit.testing import check_component, registry_of, run_checks
from fixture_types import Embkit, Install, MakeContext
from narrowing import present

EXTERNAL = (
    "adjusted_mutual_info_score", "adjusted_rand_score", "completeness_score", "fowlkes_mallows_score",
    "homogeneity_score", "normalized_mutual_info_score", "rand_score", "v_measure_score",
)  # fmt: skip
INTERNAL = ("calinski_harabasz_score", "davies_bouldin_score", "silhouette_score")


def halves(labels_true: Any, labels_pred: Any) -> float:
    """Half of the rows, whatever they are."""
    return len(labels_true) / 2


def tuples(labels_true: Any, labels_pred: Any) -> tuple[int, int]:
    return 1, 2


def undefined(X: Any, labels: Any) -> float:
    return float("nan")


def seeded(X: Any, labels: Any, *, random_state: int | None = None, scale: float = 1.0) -> float:
    """The seed that it was given, times a factor.

    Parameters
    ----------
    random_state : int, optional
        Seed of the sample.
    scale : float
        The factor.
    """
    return scale * (random_state or 0)


def fussy(X: Any, labels: Any) -> float:
    raise embkit.DataError("the rows are wrong", "they are", "mend them")


def plugin(**factories: Any) -> Registry:
    module = types.ModuleType("metrics_at_hand")

    def embkit_register_validators() -> Any:
        for name, factory in factories.items():
            yield embkit.ValidatorSpec(name.replace("_", "-"), factory)

    vars(module)["embkit_register_validators"] = embkit.hookimpl(embkit_register_validators)
    return registry_of(module)


def judged(factory: Any, clustering: embkit.Clustering, make_context: MakeContext, **params: Any) -> Any:
    component = plugin(the_metric=factory).get("validator", "the-metric")
    validator, _ = create(component, Request("the-metric", params))
    return validator.validate(clustering, make_context(clustering.dataset, seed=5))


@pytest.fixture
def clustering(blobs: Dataset) -> embkit.Clustering:
    """Three groups with some errors, four rows of noise and three rows without a reference."""
    reference = list(blobs.reference or ())
    reference[:3] = ["", "", ""]
    labels = np.repeat([0, 1, 2], [38, 30, 22])
    labels[[0, 5, 50, 80]] = -1
    return embkit.Clustering(replace(blobs, reference=tuple(reference)), labels)


@pytest.mark.parametrize("name", EXTERNAL)
def test_a_metric_of_two_labelings_is_over_the_rows_with_a_reference(
    name: str, clustering: embkit.Clustering, make_context: MakeContext
) -> None:
    found = judged(f"sklearn.metrics:{name}", clustering, make_context)
    metric, truth = getattr(sklearn_metrics, name), present(clustering.dataset.reference)[3:]
    dealt = [embkit.deal_noise(clustering.labels[3:], deal) for deal in range(10)]
    expected = np.mean([metric(truth, labels) for labels in dealt])
    assert found.scores["the_metric"] == pytest.approx(expected, rel=1e-12)
    assert found.scores["coverage"] == 84 / 87
    assert found.notes == (
        "3 rows without a reference label left out",
        "3 noise rows dealt to the clusters at random",
    )


def test_it_counts_noise_as_the_bundled_validator_does(
    clustering: embkit.Clustering, make_context: MakeContext, registry: Registry
) -> None:
    bundled, _ = create(registry.get("validator", "external"), Request("external", {}))
    known = bundled.validate(clustering, make_context(clustering.dataset))
    found = judged("sklearn.metrics:adjusted_rand_score", clustering, make_context)
    assert found.scores["the_metric"] == pytest.approx(known.scores["ari"], rel=1e-12)


@pytest.mark.parametrize("name", INTERNAL)
def test_a_metric_of_rows_and_labels_leaves_noise_out(
    name: str, clustering: embkit.Clustering, make_context: MakeContext
) -> None:
    found = judged(f"sklearn.metrics:{name}", clustering, make_context)
    clustered = clustering.labels >= 0
    expected = getattr(sklearn_metrics, name)(
        clustering.dataset.vectors[clustered], clustering.labels[clustered]
    )
    assert found.scores == {"the_metric": pytest.approx(expected), "coverage": 86 / 90}
    assert found.notes == ("4 noise rows left out",)


@pytest.mark.parametrize(
    ("factory", "changes", "reason"),
    [
        (halves, {"reference": None}, "the dataset has no reference labels"),
        (halves, {"reference": ("",) * 90}, "all reference labels are empty"),
        (undefined, {"labels": np.zeros(90, dtype=int)}, "needs two clusters or more; there are 1"),
        (undefined, {"labels": np.full(90, -1)}, "needs two clusters or more; there are 0"),
        ("sklearn.metrics:silhouette_score", {"labels": np.arange(90)}, "Number of labels is 90."),
    ],
)
def test_it_is_skipped_with_the_reason(
    factory: Any,
    changes: dict[str, Any],
    reason: str,
    clustering: embkit.Clustering,
    make_context: MakeContext,
) -> None:
    dataset = clustering.dataset
    if "reference" in changes:
        dataset = replace(dataset, reference=changes["reference"])
    changed = replace(clustering, dataset=dataset, labels=changes.get("labels", clustering.labels))
    found = judged(factory, changed, make_context)
    assert found.scores == {}
    assert reason in found.skipped


def test_what_is_not_finite_is_no_score(
    clustering: embkit.Clustering, make_context: MakeContext
) -> None:
    found = judged(undefined, clustering, make_context)
    assert found.scores["the_metric"] is None
    assert found.notes[-1] == "undefined gave nan"


def test_further_arguments_are_parameters(
    clustering: embkit.Clustering, make_context: MakeContext
) -> None:
    assert judged(seeded, clustering, make_context).scores["the_metric"] == 5
    assert judged(seeded, clustering, make_context, random_state=2, scale=1.5).scores["the_metric"] == 3
    with pytest.raises(embkit.ParameterError, match="no parameter 'scal'; did you mean 'scale'"):
        judged(seeded, clustering, make_context, scal=1)
    with pytest.raises(embkit.ParameterError, match="has no parameter 'labels'"):
        judged(seeded, clustering, make_context, labels=1)
    with pytest.raises(embkit.ParameterError, match="scale=big is not valid; .*valid number"):
        judged(seeded, clustering, make_context, scale="big")


def test_errors_name_the_validator(clustering: embkit.Clustering, make_context: MakeContext) -> None:
    with pytest.raises(
        embkit.PluginError, match="the-metric: tuples returned tuple; a metric returns one"
    ):
        judged(tuples, clustering, make_context)
    with pytest.raises(
        embkit.ParameterError, match="the-metric refused its parameters; .*'metric'.*; see"
    ):
        judged("sklearn.metrics:silhouette_score", clustering, make_context, metric="nonsense")
    with pytest.raises(embkit.DataError, match="the rows are wrong"):
        judged(fussy, clustering, make_context)


@pytest.mark.parametrize(
    "factory", [f"sklearn.metrics:{name}" for name in EXTERNAL + INTERNAL] + [halves]
)
def test_it_passes_the_conformance_kit(factory: Any) -> None:
    check_component("validator", "the-metric", registry=plugin(the_metric=factory))


def test_functions_of_other_arguments_are_factories_as_before() -> None:
    class Judge:
        def validate(self, clustering: Any, context: Any) -> embkit.Validation:
            return embkit.Validation({"one": 1})

    def make(*, number: int = 1) -> Judge:
        return Judge()

    component = plugin(made=make).get("validator", "made")
    assert component.factory() is make
    assert hasattr(create(component, Request("made", {}))[0], KINDS["validator"].method)


def test_a_library_that_is_missing_is_one_line_of_the_kit() -> None:
    registry = plugin(away="no_such_library:score")
    [outcome] = run_checks(registry.get("validator", "away"), registry)
    assert (outcome.check, outcome.status) == ("made", "failed")
    assert outcome.detail.endswith(
        "needs no_such_library; it is not installed; run: pip install no_such_library"
    )


SOURCE = """
    import embkit

    @embkit.hookimpl
    def embkit_register_validators():
        yield embkit.ValidatorSpec("fmi", "sklearn.metrics:fowlkes_mallows_score")
        yield embkit.ValidatorSpec(
            "mutual-info", "sklearn.metrics:normalized_mutual_info_score",
            scores={"mutual_info": embkit.Score("higher", "NMI", 0.0, 1.0, external=True)},
        )

    @embkit.hookimpl
    def embkit_register_exporters():
        yield embkit.ExporterSpec("ranked", Ranked, subjects=("study",))

    class Ranked:
        # what reports rank by

        def export(self, record, context):
            import json
            rows = [
                {
                    "scores": len(trial.scores),
                    "ranked": {score: found.title for (_, score), found in trial.ranked.items()},
                }
                for trial in record.trials
            ]
            return {"ranked.json": json.dumps(rows)}
"""


def test_it_is_shown_and_ranked_as_any_other(
    install: Install,
    embkit: Embkit,
    site: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install("metrics", SOURCE)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]))
    page = embkit("plugins", "show", "mutual-info").stdout
    assert page.startswith("validator mutual-info\nfrom metrics 1.2\n\nNormalized Mutual Information")
    assert "average_method: " in page
    assert "labels_true" not in page.partition("\nParameters\n")[2].partition("\nNotes\n")[0]
    (tmp_path / "study.toml").write_text(
        '[[datasets]]\nloader = { name = "blobs", centers = 3, n_samples = 60 }\n'
        '[[clusterers]]\nname = "kmeans"\nn_clusters = 3\n'
        '[[validators]]\nname = "fmi"\n[[validators]]\nname = "mutual-info"\n'
        '[[exporters]]\nname = "ranked"\n'
    )
    embkit("study", "study.toml", "--out", "study", "--jobs", "1")
    assert json.loads((tmp_path / "study" / "ranked.json").read_text()) == [
        {"scores": 4, "ranked": {"mutual_info": "NMI"}}
    ]

"""``embkit diff``: two thresholds, two runs."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from fixture_types import Embkit


@pytest.fixture
def vectors(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.npy"
    np.save(path, np.random.default_rng(3).normal(size=(80, 5)).astype(np.float32))
    return path


def _pairs(labels: np.ndarray) -> np.ndarray:
    equal: np.ndarray = labels[:, None] == labels[None, :]
    return equal


def test_the_ledger_holds_exactly_the_pairs_that_merge(embkit: Embkit, vectors: Path) -> None:
    done = embkit("diff", str(vectors), "--from", "0.3", "--to", "0.7", "--json", "--out", "d")
    document = json.loads(done.stdout)
    members = document["tables"]["merge-members"]
    found = np.zeros((80, 80), dtype=bool)
    rows, merges, parts = (np.array(members[name]) for name in ("row", "merge", "part"))
    for merge in set(merges.tolist()):
        inside = merges == merge
        apart = parts[inside][:, None] != parts[inside][None, :]
        found[np.ix_(rows[inside], rows[inside])] = apart
    X = np.load(vectors)
    low, high = (
        _pairs(
            AgglomerativeClustering(
                None, metric="cosine", linkage="complete", distance_threshold=threshold
            ).fit_predict(X)
        )
        for threshold in (0.3, 0.7)
    )
    np.testing.assert_array_equal(found, high & ~low)
    assert document["figures"] == ["figures/dendrogram.png"]


def test_thresholds_in_the_wrong_order_are_swapped_and_said(embkit: Embkit, vectors: Path) -> None:
    done = embkit("diff", str(vectors), "--from", "0.7", "--to", "0.3", "--out", "d")
    assert "--to 0.3 is below --from 0.7: swapped" in done.stderr
    assert "clusters at 0.3 become" in done.stdout


def test_a_second_diff_spends_no_time_on_the_tree(embkit: Embkit, vectors: Path, tmp_path: Path) -> None:
    embkit("diff", str(vectors), "--from", "0.3", "--to", "0.7", "--out", "a")
    embkit("diff", str(vectors), "--from", "0.4", "--to", "0.5", "--out", "b")
    origins = [
        {use["origin"] for use in json.loads((tmp_path / name / "run.json").read_text())["artifacts"]}
        for name in ("a", "b")
    ]
    assert "computed" in origins[0]
    assert origins[1] == {"disk"} or origins[1] == {"disk", "memory"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--from", "0.2"],
            "error: --to is missing; a diff is between two thresholds; give --from 0.20 --to 0.25",
        ),
        (["--from", "0.2", "--to", "2.5"], "error: "),
        (["--from", "0.2", "--to", "0.3", "--linkage", "ward"], "error: "),
        (["--from", "0.2", "--to", "0.3", "--linkage", "complet"], "linkage=complet is not valid"),
        (["--from", "nan", "--to", "0.2"], "error: --from nan --to 0.2; thresholds are finite numbers"),
        (["--from", "0.2", "--to", "0.2"], "error: --from and --to are both 0.2; nothing merges"),
    ],
)
def test_mistakes(arguments: list[str], message: str, embkit: Embkit, vectors: Path) -> None:
    done = embkit("diff", str(vectors), *arguments, code=2)
    assert message in done.stderr


def test_two_runs_of_different_clusterers(embkit: Embkit, vectors: Path, tmp_path: Path) -> None:
    embkit("run", str(vectors), "--clusterer", "kmeans:n_clusters=4", "--out", "a", "--seed", "1")
    embkit("run", str(vectors), "--clusterer", "agglomerative:n_clusters=4", "--out", "b")
    done = json.loads(embkit("diff", "a", "b", "--json", "--out", "d").stdout)
    scores = done["validators"]["agreement"]["scores"]
    labels = [
        np.loadtxt(tmp_path / name / "labels.csv", delimiter=",", skiprows=1, usecols=2, dtype=int)
        for name in "ab"
    ]
    assert scores["ari"] == pytest.approx(adjusted_rand_score(*labels))
    same = json.loads(embkit("diff", "a", "a", "--json", "--out", "e").stdout)
    assert same["validators"]["agreement"]["scores"]["ari"] == 1


def test_the_page_of_a_diff(embkit: Embkit, vectors: Path, tmp_path: Path) -> None:
    page = ("--export", 'page:maps=["pca"]')
    embkit("diff", str(vectors), "--from", "0.3", "--to", "0.7", *page, "--out", "t")
    config = json.loads((tmp_path / "t" / "run.json").read_text())["config"]
    assert {"lower": 0.3, "upper": 0.7}.items() <= config["exporters"][0].items()
    assert (tmp_path / "t" / "page.html").exists()
    embkit("run", str(vectors), "--clusterer", "kmeans:n_clusters=4", *page, "--out", "a", "--seed", "1")
    embkit("run", str(vectors), "--clusterer", "kmeans:n_clusters=3", "--out", "b")
    embkit("diff", "a", "b", "--out", "plain")
    assert not (tmp_path / "plain" / "page.html").exists()  # what the first run exported is its own
    embkit("diff", "a", "b", *page, "--out", "d")
    assert "<title>a and b</title>" in (tmp_path / "d" / "page.html").read_text("utf-8")


def test_a_folder_that_is_no_run(embkit: Embkit, vectors: Path, tmp_path: Path) -> None:
    embkit("run", str(vectors), "--clusterer", "kmeans:n_clusters=4", "--out", "a")
    (tmp_path / "empty").mkdir()
    assert "labels.csv" in embkit("diff", "a", "empty", "--out", "d", code=3).stderr
    assert (
        "empty is not the folder of a run" in embkit("diff", "empty", "a", "--out", "d", code=2).stderr
    )


def test_labels_from_elsewhere_can_be_judged(embkit: Embkit, vectors: Path, tmp_path: Path) -> None:
    lines = ["id,label", *(f"{row},{row % 3 - 1}" for row in range(80))]
    (tmp_path / "mine.csv").write_text("\n".join(lines))
    done = embkit(
        "run", str(vectors), "--clusterer", f"recorded:labels={tmp_path / 'mine.csv'}",
        "--validator", "silhouette", "--out", "r", "--json",
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert document["clusters"] == [27, 26]
    assert document["clustering"]["n_noise"] == 27
    (tmp_path / "mine.csv").write_text("\n".join(lines[:50]))
    failed = embkit(
        "run", str(vectors), "--clusterer", f"recorded:labels={tmp_path / 'mine.csv'}", code=3
    )
    assert "no label for 31 of 80 rows: 49, 50, 51, 52, 53" in failed.stderr
    names = ["id\tlabel", *(f"{row}\ttopic, {row % 3}" for row in range(80))]
    (tmp_path / "mine.tsv").write_text("\n".join(names))
    done = embkit("run", str(vectors), "--clusterer", f"recorded:labels={tmp_path / 'mine.tsv'}")
    assert "labels are names: topic, 0, topic, 1, topic, 2; clusters are numbered by size" in " ".join(
        done.stdout.split()
    )


def test_runs_of_different_data_are_said_to_be(embkit: Embkit, vectors: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.npy"
    np.save(other, np.load(vectors)[::-1])
    for source, name in ((vectors, "a"), (vectors, "again"), (other, "b")):
        embkit("run", str(source), "--clusterer", "kmeans:n_clusters=3", "--seed", "0", "--out", name)
    assert "runs of different data" in embkit("diff", "a", "b").stderr
    assert "different data" not in embkit("diff", "a", "again").stderr


def test_a_run_of_fewer_rows_is_compared_from_either_side(embkit: Embkit, vectors: Path) -> None:
    kmeans = ["--clusterer", "kmeans:n_clusters=3", "--seed", "0"]
    embkit("run", str(vectors), *kmeans, "--out", "all")
    embkit("run", str(vectors), *kmeans, "--sample", "50", "--out", "some")
    there, back = embkit("diff", "all", "some").stdout, embkit("diff", "some", "all").stdout
    assert "left out: 30 rows of this run that the other one does not have" in there
    assert "left out: 30 rows of the other run that this one does not have" in back
    ari = re.compile(r"ari +(\S+)")
    assert ari.findall(there) == ari.findall(back) != []


def test_what_is_no_run_is_refused_before_anything_is_computed(
    embkit: Embkit, vectors: Path, tmp_path: Path
) -> None:
    embkit("run", str(vectors), "--clusterer", "kmeans:n_clusters=3", "--out", "a")
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "study.json").write_text("{}")
    for other, code, said in (
        ("absent", 3, "there is no file 'absent'"),
        ("study", 2, "study is a study; runs are compared with runs, and studies with studies"),
        (str(tmp_path), 3, "there is no file 'labels.csv'"),
    ):
        refused = embkit("diff", "a", other, code=code)
        assert said in refused.stderr
        assert not refused.stdout
    assert "study is a study" in embkit("diff", "study", "a", code=2).stderr


def test_two_runs_take_validators_and_pictures_and_no_thresholds(embkit: Embkit, vectors: Path) -> None:
    for k, name in ((2, "a"), (3, "b")):
        embkit(
            "run", str(vectors), "--clusterer", f"kmeans:n_clusters={k}", "--seed", "0", "--out", name
        )
    found = embkit("diff", "a", "b", "--validator", "sizes", "--viz", "sizes", "--out", "both").stdout
    assert "median_size" in found
    assert "both/figures/sizes.png" in found
    refused = embkit("diff", "a", "b", "--from", "0.2", "--to", "0.3", code=2).stderr
    assert (
        "error: --from, and two runs; runs are compared by their labels; leave the thresholds" in refused
    )


def test_names_are_given_and_kept(embkit: Embkit, vectors: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("cluster,name\n0,birds\n")
    kmeans = ["--clusterer", "kmeans:n_clusters=3", "--seed", "0", "--names", str(names), "--out", "a"]
    embkit("run", str(vectors), *kmeans)
    embkit("run", str(vectors), "--clusterer", "kmeans:n_clusters=2", "--seed", "0", "--out", "b")
    assert "birds" in embkit("diff", "a", "b").stdout
    names.write_text("cluster,name\n0,fish\n")
    assert "fish" in embkit("diff", "a", "b", "--names", str(names)).stdout
    cut = ["--from", "0.3", "--to", "0.7", "--names", str(names), "--out", "d"]
    assert "fish" in embkit("diff", str(vectors), *cut).stdout


def test_two_files_that_are_no_runs(embkit: Embkit, vectors: Path) -> None:
    done = embkit("diff", vectors, vectors, code=2)
    assert "is not the folder of a run; there is no run.json" in done.stderr

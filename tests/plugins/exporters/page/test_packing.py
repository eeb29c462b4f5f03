"""The parts of the page that are Python: packing, joining, the order of leaves, evidence, intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import cdist, pdist

from embkit import Name
from embkit_plugins.exporters.page.columns import pack_columns, pack_ids, shorten_texts
from embkit_plugins.exporters.page.evidence import central_rows, closest_pairs, supported
from embkit_plugins.exporters.page.intervals import summaries
from embkit_plugins.exporters.page.join import join_modules, read_assets
from embkit_plugins.exporters.page.leaves import Leaves, are_nodes, flat_order, leaves_of
from embkit_plugins.exporters.page.naming import pack_names
from embkit_plugins.exporters.page.pack import Packer, from_base85, to_base85, unpack
from embkit_plugins.exporters.page.partition import chains, islands
from embkit_plugins.exporters.page.payload import TrialPage

# Packing


@given(st.binary(max_size=200))
def test_base_85_comes_back_and_needs_no_escape(data: bytes) -> None:
    text = to_base85(data)
    assert from_base85(text) == data
    assert not set(text) & set("<>&\"'\\`/ \n")


def test_arrays_strings_and_the_document_come_back() -> None:
    packer = Packer()
    numbers = np.array([0, 1, 70_000, 2**32 - 1])
    first = packer.array(numbers, "u4")
    second = packer.array(np.array([-1, 300]), "i2")
    third = packer.strings(["a", "", "ü€😀", "nul\0inside", "lone\ud800"])
    document, arrays = unpack(packer.finish({"title": "</script>", "value": 1.5}))
    assert document == {"title": "</script>", "value": 1.5}
    np.testing.assert_array_equal(arrays[first], numbers)
    np.testing.assert_array_equal(arrays[second], [-1, 300])
    assert arrays[third].tobytes().decode().split("\0") == ["a", "", "ü€😀", "nul\ufffdinside", "lone?"]


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=20))
def test_numbers_are_packed_without_loss(values: list[float]) -> None:
    packer = Packer()
    number = packer.floats(np.array(values))
    _, arrays = unpack(packer.finish({}))
    np.testing.assert_array_equal(arrays[number].astype(np.float64), values)


def test_numbers_are_short_where_that_is_exact() -> None:
    packer = Packer()
    packer.floats(np.array([0.5, np.nan]))
    packer.floats(np.array([0.1]))
    _, arrays = unpack(packer.finish({}))
    assert [array.dtype for array in arrays] == [np.float32, np.float64]


def test_columns_of_numbers_and_of_words() -> None:
    packer = Packer()
    columns = pack_columns(
        {"n": [3, None, 1.5], "w": ["b", None, "a"], "mixed": [1, "x", True]},
        np.array([2, 0, 1]),
        packer,
    )
    _, arrays = unpack(packer.finish({}))
    np.testing.assert_array_equal(arrays[columns[0]["numbers"]], [1.5, 3, np.nan])
    levels = arrays[columns[1]["levels"]].tobytes().decode().split("\0")
    assert [levels[code] for code in arrays[columns[1]["codes"]]] == ["a", "b", ""]
    assert "levels" in columns[2]


@pytest.mark.parametrize(
    ("ids", "form", "packed"),
    [
        (["0", "1", "2"], None, None),
        (["doc-007", "doc-1234", "doc-008"], ["doc-", 3], [7, 1234, 8]),
        (["r9", "r10", "r11"], ["r", 1], [9, 10, 11]),
        (["r09", "r10", "r9"], None, ["r9", "r09", "r10"]),
        (["r1", "r1x", "r2"], None, ["r2", "r1", "r1x"]),
        (["r1", "r2", "r9999999999"], None, ["r9999999999", "r1", "r2"]),
        (["r1", "r\u0661", "r2"], None, ["r2", "r1", "r\u0661"]),
    ],
)
def test_ids_that_count_are_packed_as_numbers(
    ids: list[str], form: list[object] | None, packed: list[object] | None
) -> None:
    packer = Packer()
    found = pack_ids(ids, [2, 0, 1], packer)
    assert found.get("id_form") == form
    if packed is None:
        assert found["ids"] is None
        return
    array = unpack(packer.finish({}))[1][found["ids"]]
    assert (array.tolist() if form else array.tobytes().decode().split("\0")) == packed


def test_the_words_of_names_are_stored_once() -> None:
    packer = Packer()
    names = [Name("fish", ("fish", "sea")), Name("the sea", ("sea", "fish")), Name(""), Name("lone")]
    found = pack_names(names, np.array([4, -1, 0, 2]), packer)
    document, arrays = unpack(packer.finish({}))
    assert arrays[document["words"]].tobytes().decode().split("\0") == ["the sea", "lone", "fish", "sea"]
    assert {key: arrays[number].tolist() for key, number in found.items()} == {
        "titles": [0, 2, 1, 3],
        "counts": [2, 2, 0, 0],
        "terms": [2, 3, 3, 2],
        "speakers": [4, -1, 0, 2],
    }


def test_long_texts_are_cut_and_that_is_said() -> None:
    texts = ["x" * 5000, "short", "y" * 300]
    assert shorten_texts(texts) == (texts, [])
    cut, warnings = shorten_texts(texts, budget=1500)
    assert [len(text) for text in cut] == [1001, 5, 300]
    assert warnings == [
        "1 of 3 texts are cut to 1,000 characters here, in search and in what is saved from this page"
    ]
    assert len(shorten_texts(texts, budget=1)[0][0]) == 101


# Joining


def test_modules_are_joined_in_the_order_of_their_imports() -> None:
    script = join_modules(
        {
            "page": 'import { f as g } from "./a.js";\nexport const x = g();\n',
            "a": "// A note,\n/** and\n * one more. */\nconst hidden = 2; // kept\n\nexport function f() { return hidden; }\n",
            "unused": "export class U {}\n",
        },
        "page",
    )
    assert script.index("$a = ") < script.index("$page = ")
    assert "const { f: g } = $a;" in script
    assert "unused" not in script
    assert "note" not in script
    assert "one more" not in script
    assert "const hidden = 2; // kept" in script
    assert "import" not in script
    assert "export" not in script


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        (
            {"a": 'import { b } from "./b.js";\n', "b": 'import { a } from "./a.js";\n'},
            "in a circle: a > b > a",
        ),
        ({"a": 'import { b } from "./b.js";\n'}, "a imports b.js, which does not exist"),
        ({"a": 'import b from "https://x/b.js";\n'}, "a.js: 'import b from .* is not a form"),
        ({"a": "export default 1;\n"}, "is not a form of import or export"),
        ({"a": "export let x = 1;\n"}, "is not a form of import or export"),
    ],
)
def test_what_cannot_be_joined_is_refused(modules: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        join_modules(modules, "a")


def test_the_modules_are_small_plain_and_safe() -> None:
    modules = read_assets("js")
    for name, source in modules.items():
        assert source.count("\n") <= 305, name
        assert max(map(len, source.splitlines())) < 220, name
        # Joining drops lines that are comments: none may be part of a string.
        assert not any(line.count("`") % 2 for line in source.replace("\\`", "").splitlines()), name
        for banned in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "eval(",
            "new Function",
            "fetch(",
            "import(",
        ):
            assert banned not in source, (name, banned)
    for entry in ("run", "diff", "study"):
        assert "</script" not in join_modules(modules, entry)


# The order of leaves


@st.composite
def trees(draw: st.DrawFn) -> np.ndarray:
    n = draw(st.integers(2, 30))
    method = draw(st.sampled_from(["single", "complete", "average", "centroid", "ward"]))
    points = draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=n, max_size=n))
    return np.asarray(linkage(pdist(np.array(points, dtype=float)), method))


@given(trees())
def test_every_node_is_a_range_that_its_boundary_divides(tree: np.ndarray) -> None:
    leaves = leaves_of(tree)
    n = len(tree) + 1
    members = {row: {row} for row in range(n)}
    assert sorted(leaves.order) == list(range(n))
    for merge, (first, second, _, size) in enumerate(tree):
        sides = {frozenset(members[int(first)]), frozenset(members[int(second)])}
        start, boundary, end = leaves.starts[merge], leaves.boundaries[merge], leaves.ends[merge]
        assert end - start == size
        parts = [leaves.order[start:boundary], leaves.order[boundary:end]]
        assert {frozenset(part.tolist()) for part in parts} == sides
        assert len(parts[0]) >= len(parts[1])
        members[n + merge] = members[int(first)] | members[int(second)]


@given(trees(), st.integers(0, 29))
def test_cuts_are_nodes_and_arbitrary_labels_are_not(tree: np.ndarray, n_merges: int) -> None:
    n = len(tree) + 1
    groups = {row: [row] for row in range(n)}
    for merge, (first, second, *_) in enumerate(tree[:n_merges]):
        groups[n + merge] = groups.pop(int(first)) + groups.pop(int(second))
    labels = np.empty(n, dtype=np.int64)
    for label, rows in enumerate(groups.values()):
        labels[rows] = label
    leaves = leaves_of(tree)
    assert are_nodes(leaves, labels)
    labels[leaves.order[-1]] = -1
    assert are_nodes(leaves, labels) == (
        sum(labels == labels[leaves.order[-2]]) == 1 or _is_node(leaves, labels)
    )


def _is_node(leaves: Leaves, labels: np.ndarray) -> bool:
    """Whether every cluster is the set of leaves of a row or of a merge."""
    nodes = {frozenset([row]) for row in range(len(labels))}
    nodes |= {
        frozenset(leaves.order[a:b].tolist()) for a, b in zip(leaves.starts, leaves.ends, strict=True)
    }
    clusters = [
        frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels.tolist()) - {-1}
    ]
    return all(cluster in nodes for cluster in clusters)


def test_flat_order_puts_noise_last() -> None:
    assert flat_order(np.array([1, -1, 0, 1, -1, 0])).tolist() == [2, 5, 0, 3, 1, 4]


# Evidence


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize(("n", "method"), [(60, "average"), (320, "single"), (320, "complete")])
def test_evidence_is_that_of_all_distances(metric: str, n: int, method: str) -> None:
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(n, 4)).astype(np.float32)
    tree = linkage(vectors.astype(float), method, metric=metric)
    distances = cdist(vectors.astype(float), vectors.astype(float), metric)
    central, closest = central_rows(vectors, tree, metric), closest_pairs(vectors, tree, metric)
    members = {row: [row] for row in range(n)}
    for merge, (first, second, *_) in enumerate(tree):
        left, right = members[int(first)], members[int(second)]
        rows = members[n + merge] = sorted(left + right)
        across = distances[np.ix_(left, right)]
        assert closest.distance[merge] == pytest.approx(across.min(), abs=1e-5)
        found = distances[closest.first[merge], closest.second[merge]]
        assert found == pytest.approx(across.min(), abs=1e-5)
        assert closest.first[merge] < closest.second[merge]
        if metric == "cosine":
            unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
            away = (1 - unit[rows] @ unit[rows].T).sum(axis=1)
        else:
            away = ((vectors[rows] - vectors[rows].mean(axis=0)) ** 2).sum(axis=1)
        assert away[rows.index(central[merge])] == pytest.approx(away.min(), abs=1e-4)


def test_ties_go_to_the_lowest_row() -> None:
    vectors = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    tree = np.array([[2, 3, 1, 2], [0, 1, 1, 2], [4, 5, 1, 4]], dtype=float)
    closest = closest_pairs(vectors, tree, "euclidean")
    assert (closest.first[-1], closest.second[-1]) == (0, 2)
    assert central_rows(vectors, tree, "euclidean").tolist() == [2, 0, 0]


def test_what_is_dear_is_left_out() -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    tree = linkage(vectors.astype(float), "average")
    central = central_rows(vectors, tree, "euclidean", budget=60)
    closest = closest_pairs(vectors, tree, "euclidean", budget=100)
    assert central[-1] == closest.first[-1] == -1
    assert np.isnan(closest.distance[-1])
    assert (central >= 0).any()
    assert (closest.first >= 0).any()


def test_metrics_that_are_supported() -> None:
    assert [supported(metric) for metric in ("cosine", "euclidean", "manhattan", "precomputed")] == [
        True,
        True,
        False,
        False,
    ]


@given(trees(), st.integers(1, 12), st.integers(1, 40))
def test_every_merge_is_in_one_part_that_covers_it(tree: np.ndarray, island: int, block: int) -> None:
    leaves = leaves_of(tree)
    wanted = np.arange(len(tree)) % 3 > 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("embkit_plugins.exporters.page.partition._ISLAND", island)
        parts = [*islands(leaves, wanted), *chains(leaves, wanted, block)]
    merges = [merge for part in parts for merge in part.merges]
    assert sorted(merges) == np.flatnonzero(wanted).tolist()
    for part in parts:
        for merge in part.merges:
            assert part.all.start <= leaves.starts[merge]
            assert leaves.boundaries[merge] <= part.all.stop
            assert part.added.start <= leaves.boundaries[merge]
            assert leaves.ends[merge] <= part.added.stop
        if part.added != part.all:
            assert len(set(leaves.starts[part.merges])) == 1
            assert (np.diff(leaves.ends[part.merges]) > 0).all()
            area = (part.added.stop - part.added.start) * (part.all.stop - part.all.start)
            assert area <= block or len(part.merges) == 1


# Intervals


def test_intervals_are_those_of_student() -> None:
    from scipy.stats import t

    values = [0.2, 0.3, 0.25]
    trials = [TrialPage("d", "m", seed, {"s": value}) for seed, value in enumerate(values)]
    (found, single) = summaries([*trials, TrialPage("d", "other", 0, {"s": 0.5})])
    expected = t.interval(0.95, 2, np.mean(values), np.std(values, ddof=1) / np.sqrt(3))
    assert found.interval == pytest.approx(expected)
    assert found.mean == pytest.approx(0.25)
    assert found.n_trials == 3
    assert (single.mean, single.interval) == (0.5, None)

"""The lines of the page cut as Python does: for every height, dragged, typed or stepped."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from embkit_plugins.exporters.page.parts import Band
from embkit_plugins.exporters.page.payload import RunPage
from fixture_types import LabelsOf, MakePayload, OpenedPage, OpenPage, ReferenceCut
from narrowing import present


def state(page: OpenedPage) -> list[float]:
    page.settle()
    lines: list[float] = page.evaluate(
        "(({from, to}) => [from, to])(document.querySelector('#embkit').page.store.state)"
    )
    return lines


def type_threshold(page: OpenedPage, line: str, value: float) -> None:
    page.fill(f"#threshold-{line}", repr(float(value)))
    page.press(f"#threshold-{line}", "Enter")
    page.settle()


def ledger_of(page: OpenedPage) -> list[dict[str, Any]]:
    """The groups of the ledger: size and, of each part, size and height of joining."""
    groups: list[dict[str, Any]] = page.evaluate(
        """() => document.querySelector("#embkit").page.ledger.all.map((group) => ({
            size: group.size,
            parts: group.parts.map(({node, joined}) => [group && document.querySelector("#embkit").page.model.tree.size(node), joined]),
            closest: group.closest && group.closest[2],
        }))"""
    )
    return groups


def expected_ledger(
    tree: np.ndarray,
    vectors: np.ndarray,
    lower: np.ndarray,
    higher: np.ndarray,
    threshold_from: float,
    threshold_to: float,
) -> list[tuple[Any, ...]]:
    """What merged between two cuts, from the labels and from all distances."""
    groups = []
    for cluster in range(higher.max() + 1):
        rows = np.flatnonzero(higher == cluster)
        parts = np.unique(lower[rows])
        if len(parts) < 2:
            continue
        distances = np.linalg.norm(vectors[rows, None] - vectors[None, rows], axis=2)
        across = distances[lower[rows][:, None] != lower[rows][None, :]].min()
        sizes = sorted((int((lower == part).sum()) for part in parts), reverse=True)
        groups.append((len(rows), sizes, across))
    return sorted(groups, key=lambda group: (group[0], group[1], group[2]))


def test_typed_thresholds_cut_as_python_does(
    open_page: OpenPage, run_payload: RunPage, reference_cut: ReferenceCut, labels_of: LabelsOf
) -> None:
    page = open_page(run_payload)
    heights = present(run_payload.tree).linkage[:, 2]
    rng = np.random.default_rng(1)
    for value in [*rng.uniform(0, heights[-1] * 1.1, 16), *rng.choice(heights, 4)]:
        type_threshold(page, "to", value)
        np.testing.assert_array_equal(
            labels_of(page), reference_cut(present(run_payload.tree).linkage, value)
        )
        shown = page.inner_text(".threshold-to .count")
        assert shown.split()[0].replace(",", "") == str(labels_of(page).max() + 1)


def test_every_tie_of_a_grid_is_cut_below_and_not_at_its_height(
    open_page: OpenPage, grid_payload: RunPage, reference_cut: ReferenceCut, labels_of: LabelsOf
) -> None:
    page = open_page(grid_payload)
    tree = present(grid_payload.tree).linkage
    for height in np.unique(tree[:, 2]):
        for value in (np.nextafter(height, 0), height, np.nextafter(height, 9)):
            type_threshold(page, "to", value)
            np.testing.assert_array_equal(labels_of(page), reference_cut(tree, value))


def test_arrow_keys_step_through_every_distinct_height(
    open_page: OpenPage, grid_payload: RunPage, reference_cut: ReferenceCut, labels_of: LabelsOf
) -> None:
    page = open_page(grid_payload)
    tree = present(grid_payload.tree).linkage
    heights = np.unique(tree[:, 2])
    page.focus(".line-to")
    page.keyboard.press("Home")
    counts = [state(page)[1]]
    assert labels_of(page).max() + 1 == len(tree) + 1
    for height in heights:
        page.keyboard.press("ArrowRight")
        value = state(page)[1]
        counts.append(value)
        assert value > height
        np.testing.assert_array_equal(labels_of(page), reference_cut(tree, np.nextafter(height, 99)))
    assert labels_of(page).max() == 0
    for height in heights[::-1]:
        page.keyboard.press("ArrowLeft")
        assert state(page)[1] <= height
        np.testing.assert_array_equal(labels_of(page), reference_cut(tree, height))


def test_page_keys_step_to_the_plateaus(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload)
    heights = present(run_payload.tree).linkage[:, 2]
    widths = np.diff(heights)
    widest = np.sort(np.argsort(-widths, kind="stable")[:12])
    page.focus(".line-to")
    page.keyboard.press("Home")
    for merge in widest:
        page.keyboard.press("PageUp")
        assert heights[merge] < state(page)[1] <= heights[merge + 1]
    page.keyboard.press("PageDown")
    assert heights[widest[-2]] < state(page)[1] <= heights[widest[-2] + 1]


def test_a_line_is_dragged(
    open_page: OpenPage, run_payload: RunPage, reference_cut: ReferenceCut, labels_of: LabelsOf
) -> None:
    page = open_page(run_payload)
    tree = present(run_payload.tree).linkage
    box = present(page.locator(".line-to").bounding_box())
    x, y = box["x"] + box["width"] / 2, box["y"] + 60
    page.mouse.move(x, y)
    page.mouse.down()
    steps = np.random.default_rng(5).integers(-40, 90, 19).tolist()
    for step in [*steps, 90]:
        page.mouse.move(x + step, y)
        _, value = state(page)
        np.testing.assert_array_equal(labels_of(page), reference_cut(tree, value))
    page.mouse.up()
    moved = state(page)[1]
    assert moved > 1.6
    page.keyboard.press("Control+z")
    assert state(page) == [1.0, 1.6]  # the whole drag is one step
    page.keyboard.press("Control+Shift+z")
    assert state(page) == [1.0, moved]


def test_a_line_does_not_pass_the_other(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload)
    box = present(page.locator(".line-from").bounding_box())
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 900, box["y"] + 100)
    page.mouse.up()
    assert state(page) == [1.6, 1.6]
    type_threshold(page, "to", 0.5)
    assert state(page) == [0.5, 0.5]
    assert "Pull the lines apart" in page.inner_text("#ledger-summary")


def test_the_ledger_is_that_of_python(
    open_page: OpenPage, run_payload: RunPage, reference_cut: ReferenceCut
) -> None:
    measured = replace(present(run_payload.tree), band=Band(1.0, 1.6))
    page = open_page(replace(run_payload, tree=measured))
    assert "Silhouettes are known" not in page.inner_text("#ledger-summary")
    tree = measured.linkage
    vectors = page_vectors()
    rng = np.random.default_rng(2)
    for low, high in np.sort(rng.uniform(0.2, tree[-1, 2] * 1.02, (20, 2)), axis=1):
        page.evaluate(
            "(lines) => document.querySelector('#embkit').page.store.set(lines)",
            {"from": low, "to": high},
        )
        page.settle()
        lower, higher = reference_cut(tree, low), reference_cut(tree, high)
        expected = expected_ledger(tree, vectors, lower, higher, low, high)
        found = ledger_of(page)
        shown = sorted(
            (group["size"], [part[0] for part in group["parts"]], group["closest"]) for group in found
        )
        assert [group[:2] for group in shown] == [group[:2] for group in expected]
        np.testing.assert_allclose(
            [group[2] for group in shown], [group[2] for group in expected], rtol=3e-5
        )
        for group in found:
            joined = sorted(part[1] for part in group["parts"])
            assert all(low <= height < high for height in joined)
        summary = page.inner_text("#ledger-summary").replace(",", "")
        assert f"{lower.max() + 1} cluster" in summary
        assert f"become {higher.max() + 1} at" in summary
        assert ("Silhouettes are known from 1 to 1.6 only." in summary) == bool(found)


def page_vectors() -> np.ndarray:
    rng = np.random.default_rng(3)
    group = np.sort(rng.integers(0, 12, 150))[rng.permutation(150)]
    return (rng.normal(size=(12, 6))[group] + rng.normal(scale=0.35, size=(150, 6))).astype(np.float32)


def test_the_ledger_between_any_two_ties_of_a_grid(
    open_page: OpenPage, grid_payload: RunPage, reference_cut: ReferenceCut
) -> None:
    page = open_page(grid_payload)
    tree = present(grid_payload.tree).linkage
    vectors = np.array([[x * 1.0, y * 1.5] for x in range(6) for y in range(8)], dtype=np.float32)
    heights = np.unique(tree[:, 2])
    for low, high in itertools.combinations([0.0, *heights, np.nextafter(heights[-1], 99)], 2):
        page.evaluate(
            "(lines) => document.querySelector('#embkit').page.store.set(lines)",
            {"from": float(low), "to": float(high)},
        )
        page.settle()
        expected = expected_ledger(
            tree, vectors, reference_cut(tree, low), reference_cut(tree, high), low, high
        )
        found = sorted(
            (group["size"], [part[0] for part in group["parts"]], group["closest"])
            for group in ledger_of(page)
        )
        assert [group[:2] for group in found] == [group[:2] for group in expected]
        np.testing.assert_allclose(
            [group[2] for group in found], [group[2] for group in expected], rtol=3e-5
        )


@pytest.mark.parametrize("text", ["", "abc", "-1", "Infinity"])
def test_what_is_no_distance_is_refused_aloud(
    open_page: OpenPage, run_payload: RunPage, text: str
) -> None:
    page = open_page(run_payload)
    page.fill("#threshold-to", text)
    page.press("#threshold-to", "Enter")
    assert page.get_attribute("#threshold-to", "aria-invalid") == "true"
    page.locator("[role=status]", has_text="is not a distance").wait_for(state="attached")
    assert state(page) == [1.0, 1.6]


def test_colours_are_those_of_the_pictures_and_pass_to_the_larger_child(
    open_page: OpenPage, run_payload: RunPage
) -> None:
    page = open_page(run_payload)
    found = page.evaluate(
        """() => {
            const { model, store } = document.querySelector("#embkit").page;
            const cut = model.cut(store.state.to);
            const first = Array.from(cut.order).map((index) => cut.size(index) > 1 ? cut.colours[index] : -1);
            const { tree, colours } = model;
            let inherited = true;
            for (let node = tree.n; node <= tree.root; node++) inherited &&= colours.of(node) === colours.of(tree.larger(node));
            return { first, inherited, palette: model.palette };
        }"""
    )
    assert found["inherited"]
    assert all(colour in (-1, found["palette"][i]) for i, colour in enumerate(found["first"]))


def test_a_tree_with_inversions_is_cut_by_number(open_page: OpenPage, make_payload: MakePayload) -> None:
    from scipy.cluster.hierarchy import linkage

    points = np.array([[0, 0], [2, 0], [1, 1.75], [8, 0], [8, 1], [20, 20]], dtype=np.float32)
    tree = linkage(points.astype(float), "centroid")
    assert (np.diff(tree[:, 2]) < 0).any()
    page = open_page(make_payload(points, tree, metric="euclidean", thresholds=(0.0, 0.0)))
    page.fill("#threshold-to", "2")
    page.press("#threshold-to", "Enter")
    page.settle()
    assert page.inner_text(".threshold-to .count") == "2 cl."

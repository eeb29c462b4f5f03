"""What leaves a page: files and the clipboard."""

import csv
import io
import json
from pathlib import Path

import numpy as np

from embkit_plugins.exporters.page.payload import RunPage
from fixture_types import MakePayload, OpenedPage, OpenPage


def saved(page: OpenedPage, button: str) -> tuple[str, str]:
    with page.expect_download() as download:
        page.click(button)
    return download.value.suggested_filename, Path(download.value.path()).read_bytes().decode()


def heard(page: OpenedPage, text: str) -> None:
    page.locator("[role=status]", has_text=text).wait_for(state="attached")


def test_what_is_shown_is_saved_with_ids_and_without_formulas(
    open_page: OpenPage, make_payload: MakePayload
) -> None:
    from scipy.cluster.hierarchy import linkage

    points = np.array([[0, 0], [0, 1], [5, 5], [5, 6], [9, 9]], dtype=np.float32)
    texts = ["=SUM(A1)", "+1", 'quote " and, comma', "two\nlines", "plain"]
    payload = make_payload(
        points,
        linkage(points.astype(float)),
        metric="euclidean",
        thresholds=(2.0, 2.0),
        texts=texts,
        columns={"n": [1, 2.5, None, 4, 5]},
    )
    page = open_page(payload)
    name, text = saved(page, "[aria-label='Save the rows shown as CSV']")
    assert name == "a-run-rows.csv"
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    found = {row["id"]: row for row in rows}
    assert [found[f"r00{row}"]["text"] for row in range(5)] == ["'=SUM(A1)", "'+1", *texts[2:]]
    assert [found[f"r00{row}"]["cluster"] for row in range(5)] == ["0", "0", "1", "1", "2"]
    assert found["r002"]["n"] == ""
    page.fill("input[type=search]", "quote")
    page.settle()
    name, text = saved(page, "[aria-label='Save the rows shown as JSON']")
    assert json.loads(text) == [{"row": 2, "id": "r002", "cluster": 1, "text": texts[2], "n": None}]
    page.click("#rows-tab-clusters")
    _, text = saved(page, "[aria-label='Save the clusters as CSV']")
    assert next(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))["size"] == "2"


def test_the_ledger_is_saved_with_the_columns_of_diff(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload)
    name, text = saved(page, "[aria-label='Save the ledger as CSV']")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert name == "a-run-merges.csv"
    assert {
        "merge",
        "part",
        "size",
        "part_size",
        "joined_at",
        "closest_distance",
        "closest_first",
        "cluster_before",
    } <= rows[0].keys()
    first = [row for row in rows if row["merge"] == "1"]
    assert sum(int(row["part_size"]) for row in first) == int(first[0]["size"])


def test_rows_are_copied(open_page: OpenPage, run_payload: RunPage) -> None:
    page = open_page(run_payload, permissions=["clipboard-read", "clipboard-write"])
    page.fill("input[type=search]", "r017")
    page.settle()
    page.click("[aria-label='Copy the rows shown']")
    heard(page, "1 row copied")
    lines = page.evaluate("() => navigator.clipboard.readText()").splitlines()
    assert lines[0].split("\t")[:3] == ["row", "id", "cluster"]
    assert lines[1].split("\t")[:2] == ["17", "r017"]

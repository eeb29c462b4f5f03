"""The files for the projector, opened by TensorBoard's own plugin."""

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embkit
from embkit_plugins.exporters.tensorboard import TensorBoard
from fixture_types import MakeContext
from narrowing import present


@pytest.fixture
def files(awkward_noise: embkit.Run, make_context: MakeContext) -> dict[str, str]:
    return TensorBoard().export(awkward_noise, make_context(awkward_noise.dataset))


def test_vectors_and_metadata(files: dict[str, str], awkward_noise: embkit.Run) -> None:
    run = awkward_noise
    lines = files["tensorboard/vectors.tsv"].splitlines()
    vectors = np.array([line.split("\t") for line in lines], dtype=np.float32)
    np.testing.assert_array_equal(vectors, run.dataset.vectors)
    head, *rows = [line.split("\t") for line in files["tensorboard/metadata.tsv"].split("\n")[:-1]]
    assert head[:6] == ["id", "cluster", "cluster_name", "probability", "text", "reference"]
    assert len(rows) == 90
    assert {len(row) for row in rows} == {len(head)}
    assert rows[1][1] == str(present(run.labels)[1])
    assert rows[0][1:3] == ["-1", "noise"]
    assert rows[2][4] == "'@c d 2"
    assert rows[3][4] == "e f 3"


def test_one_column_has_no_header(awkward_run: embkit.Run, make_context: MakeContext) -> None:
    bare = replace(awkward_run.dataset, ids=None, texts=None, reference=None, metadata={})
    run = replace(awkward_run, dataset=bare, clustering=None)
    metadata = TensorBoard().export(run, make_context(bare))["tensorboard/metadata.tsv"]
    assert metadata.splitlines() == [str(row) for row in range(90)]


def test_tensorboard_serves_them(files: dict[str, str], tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("tensorboard", reason="tensorboard is not installed")
        from tensorboard.backend.event_processing import plugin_event_multiplexer
        from tensorboard.plugins import base_plugin
        from tensorboard.plugins.projector import projector_plugin
        from werkzeug.test import Client
        from werkzeug.wrappers import Request

        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, "utf-8")
        logdir = str(tmp_path / "tensorboard")
        multiplexer = plugin_event_multiplexer.EventMultiplexer()
        context = base_plugin.TBContext(logdir=logdir, multiplexer=multiplexer)
        plugin = projector_plugin.ProjectorPlugin(context)
        apps = plugin.get_plugin_apps()

        def get(path: str) -> Any:
            return Client(Request.application(lambda request: apps[path])).get(
                f"{path}?run=.&name=embedding"
            )

        info = json.loads(get("/info").get_data())
        (embedding,) = info["embeddings"]
        assert embedding["tensorName"] == "embedding"
        assert embedding["tensorShape"] == [90, 8]
        served = np.frombuffer(get("/tensor").get_data(), dtype=np.float32).reshape(90, 8)
        lines = files["tensorboard/vectors.tsv"].splitlines()
        np.testing.assert_array_equal(served, np.array([line.split("\t") for line in lines], np.float32))
        assert get("/metadata").get_data(as_text=True) == files["tensorboard/metadata.tsv"]

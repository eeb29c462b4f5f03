"""A short run of the fuzz targets, the same each time; a longer one: ``python tests/fuzz/run.py 600``."""

from pathlib import Path

import pytest
import targets
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

pytest.importorskip("pyarrow", reason="seeds of Parquet are made with pyarrow")
pytest.importorskip("h5py", reason="seeds of HDF5 are made with h5py")

SHORT = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", targets.TARGETS)
def test_seeds_and_what_is_nearly_the_format(tmp_path: Path, name: str) -> None:
    target = targets.TARGETS[name]
    for seed in target.seeds:
        targets.attempt(target, tmp_path, seed)

    @SHORT
    @given(target.content())
    def attempts(content: bytes) -> None:
        targets.attempt(target, tmp_path, content)

    attempts()


@SHORT
@given(st.lists(st.sampled_from(targets.TEXT), max_size=30).map(b"".join) | st.binary(max_size=64))
def test_cells(content: bytes) -> None:
    targets.cell(content)
    targets.cell(content.decode("utf-8", "replace"))

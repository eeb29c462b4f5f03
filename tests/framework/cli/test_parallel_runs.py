"""Runs side by side: each has its own folder, or is told that there is another."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
import embkit, numpy as np
sys.path.insert(0, {fuzz!r})
import parallel
vectors = np.random.default_rng(0).normal(size=(40, 4))
np.save("vectors.npy", vectors)
embkit.run("vectors.npy", "agglomerative:n_clusters=2", cache=False)
print("\\n".join(parallel.check(Path.cwd(), parallel.forked)))
"""


def test_twenty_runs_at_once_lose_nothing(tmp_path: Path) -> None:
    fuzz = str(Path(__file__).parents[2] / "fuzz")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(fuzz=fuzz)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "", done.stdout

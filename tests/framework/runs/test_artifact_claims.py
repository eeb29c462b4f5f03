"""What one process computes, another waits for; a process that dies holds nothing."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

from embkit.data.results import Artifact
from embkit.runs.cache import DiskCache
from embkit.runs.shared import SharedWork

IDENTITY = {"name": "slow", "params": {}}


def test_two_at_once_compute_it_once_and_the_second_knows_what_it_was_spared(tmp_path: Path) -> None:
    calls, works = [], [SharedWork(DiskCache(tmp_path)) for _ in range(2)]

    def compute() -> Artifact:
        calls.append(1)
        time.sleep(0.3)
        return Artifact({"values": np.arange(3)})

    threads = [
        threading.Thread(target=work.obtain, args=(IDENTITY, compute), kwargs={"keep_on_disk": True})
        for work in works
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert sorted(work.uses[0].origin for work in works) == ["computed", "disk"]

    third = SharedWork(DiskCache(tmp_path))
    third.obtain(IDENTITY, compute, keep_on_disk=True)
    assert len(calls) == 1
    assert 0.2 < third.saved < 5


def test_a_killed_process_leaves_no_claim(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from embkit.runs.cache import DiskCache\n"
        f"with DiskCache(Path({str(tmp_path)!r})).claimed('k'):\n"
        "    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        os.kill(process.pid, signal.SIGKILL)
    with DiskCache(tmp_path).claimed("k"):
        pass

"""Amounts of memory as they are written, and the limits that a process is under."""

import os
import resource
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from threadpoolctl import threadpool_info

from embkit.errors import ParameterError
from embkit.resources import (
    available_memory,
    cpu_count,
    export_threads,
    limit_threads,
    memory_budget,
    parse_bytes,
    peak_memory,
)

NO_LIMIT = 2**63 - 4096  # as version 1 of control groups states it


@pytest.fixture
def cgroup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A control group's folder, on a machine with 10,000 bytes free."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=10_000))
    (tmp_path / "memory").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("text", "n_bytes"),
    [
        ("1", 1),
        ("512B", 512),
        ("10kB", 10_000),
        ("3M", 3 * 10**6),
        ("4GB", 4 * 10**9),
        ("4 gb", 4 * 10**9),
        ("2TB", 2 * 10**12),
        ("1KiB", 1024),
        ("512MiB", 512 * 2**20),
        ("1.5GiB", 3 * 2**29),
        ("2tib", 2 * 2**40),
        ("1.5e9", 1_500_000_000),
        (" 8Gi ", 8 * 2**30),
    ],
)
def test_amounts_of_memory(text: str, n_bytes: int) -> None:
    assert parse_bytes(text) == n_bytes


@pytest.mark.parametrize(
    "text", ["", "lots", "-1GB", "0", "0.2", "4 GBit", "4PB", "1e999", "nan", "4,5GB"]
)
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match=r"invalid memory size .*; write it like 4GB or 512MiB"):
        parse_bytes(text)


def test_a_share_of_what_the_machine_has_free(cgroup: Path) -> None:
    assert available_memory(cgroup=cgroup) == 8000
    assert available_memory(0.5, cgroup) == 5000


@pytest.mark.parametrize(
    ("limit", "usage", "available"),
    [("3000", "1000", 2000), ("1000", "3000", 0), ("max", "3000", 10_000), ("90000", "1", 10_000)],
)
def test_limits_of_a_control_group(cgroup: Path, limit: str, usage: str, available: int) -> None:
    (cgroup / "memory.max").write_text(f"{limit}\n")
    (cgroup / "memory.current").write_text(f"{usage}\n")
    assert available_memory(1.0, cgroup) == available


@pytest.mark.parametrize(("limit", "available"), [(4000, 3000), (NO_LIMIT, 10_000)])
def test_limits_of_a_control_group_of_version_1(cgroup: Path, limit: int, available: int) -> None:
    (cgroup / "memory" / "memory.limit_in_bytes").write_text(str(limit))
    (cgroup / "memory" / "memory.usage_in_bytes").write_text("1000")
    assert available_memory(1.0, cgroup) == available


def test_a_limit_that_cannot_be_read_is_none(cgroup: Path) -> None:
    (cgroup / "memory.max").write_text("3000")
    assert available_memory(1.0, cgroup) == 10_000  # of memory.current there is nothing
    (cgroup / "memory.current").write_text("unknown")
    assert available_memory(1.0, cgroup) == 10_000


def test_the_limit_of_the_address_space(cgroup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_use = SimpleNamespace(memory_info=lambda: SimpleNamespace(vms=5000))
    monkeypatch.setattr(psutil, "Process", lambda: in_use)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (9000, resource.RLIM_INFINITY))
    assert available_memory(1.0, cgroup) == 4000
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2000, resource.RLIM_INFINITY))
    assert available_memory(1.0, cgroup) == 0


def test_a_budget_goes_before_what_is_free(cgroup: Path) -> None:
    with memory_budget(123):
        assert available_memory(cgroup=cgroup) == 123
        with memory_budget(None):
            assert available_memory(cgroup=cgroup) == 123
    assert available_memory(cgroup=cgroup) == 8000


@pytest.mark.parametrize(("platform", "peak"), [("linux", 2048), ("darwin", 2)])
def test_the_unit_of_the_peak_is_the_systems(
    platform: str, peak: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrusage", lambda _: SimpleNamespace(ru_maxrss=2))
    monkeypatch.setattr(sys, "platform", platform)
    assert peak_memory() == peak


def test_the_peak_is_at_least_what_is_in_use() -> None:
    assert peak_memory() >= psutil.Process().memory_info().rss * 0.9


@pytest.mark.parametrize(
    ("quota", "count"),
    [("150000 100000", 1), ("300000 100000", 3), ("50000 100000", 1), ("max 100000", 4), ("", 4)],
)
def test_processors_by_affinity_and_quota(
    quota: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    (tmp_path / "cpu.max").write_text(quota)
    assert cpu_count(tmp_path) == count


def test_where_the_system_tells_no_affinity_all_processors_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert cpu_count(tmp_path) == 6


def test_threads_are_exported_for_every_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"OMP_WAIT_POLICY": "ACTIVE"})
    export_threads(3)
    assert os.environ.pop("OMP_WAIT_POLICY") == "ACTIVE"  # as the user said
    assert len(os.environ) == 6
    assert set(os.environ.values()) == {"3"}


def test_threads_are_limited_and_put_back() -> None:
    before = {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()}
    assert before
    with limit_threads(1):
        assert {pool["num_threads"] for pool in threadpool_info()} == {1}
    assert {pool["filepath"]: pool["num_threads"] for pool in threadpool_info()} == before

"""The cache of kernels: what was altered is compiled again, and what somebody else may have put there never runs."""

from __future__ import annotations

import hashlib
import os
import pickle
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from fiveyear.model.kernel import cache, machine_code

TEXT = """
from numba import njit, types

@njit(types.void(types.CPointer(types.float64)), no_cpython_wrapper=True, no_cfunc_wrapper=True)
def run(x):
    x[0] = x[0] * 2.0 + {}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache._say.cache_clear()
    yield tmp_path / "fiveyear"
    cache._say.cache_clear()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes]:
    """The name of a kernel's file, and what is in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        assert call(1) == (5.0, "compiled")
        (file,) = Path(os.environ["XDG_CACHE_HOME"], "fiveyear").iterdir()
        return file.name, file.read_bytes()


def call(added: int) -> tuple[float, str]:
    """Call a kernel as a new process would: give what 2 comes to, and where the code came from."""
    x = np.array([2.0])
    with mock.patch.object(machine_code, "compiled", wraps=machine_code.compiled) as compiled:
        machine_code.MachineCode(TEXT.format(added), {"x": "float64*"})(x=x)
    return float(x[0]), "compiled" if compiled.called else "cache"


def test_what_was_compiled_once_is_read_from_a_single_file(folder: Path) -> None:
    assert [call(1), call(1), call(2)] == [(5.0, "compiled"), (5.0, "cache"), (6.0, "compiled")]
    assert len(list(folder.iterdir())) == 2
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


# -- what was altered ---------------------------------------------------------------------------------------
def flipped(data: bytes, bit: int) -> bytes:
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


def altered() -> dict[str, Callable[[bytes], bytes]]:
    """Every way in which a disk or a writer that was killed leaves a file."""
    ways: dict[str, Callable[[bytes], bytes]] = {
        "empty": lambda _: b"",
        "all zero": lambda data: bytes(len(data)),
        "zero from the middle on": lambda data: data[: len(data) // 2] + bytes(len(data) - len(data) // 2),
        "a checksum alone": lambda data: data[:32],
        "a byte more": lambda data: data + b"\0",
        "twice": lambda data: data * 2,
        "text": lambda _: b"not machine code\n",
    }
    for share in (0.1, 0.5, 0.9):
        ways[f"cut at {share}"] = lambda data, share=share: data[: int(share * len(data))]  # type: ignore[misc]
    draw = random.Random(1)
    for place in (0.0, 0.5, *(draw.random() for _ in range(4)), 0.999999):
        ways[f"a bit flipped at {place:.3f}"] = lambda data, place=place: flipped(data, int(place * 8 * len(data)))  # type: ignore[misc]
    return ways


@pytest.mark.parametrize("way", altered())
def test_a_file_that_was_altered_is_compiled_and_written_again(
    way: str, folder: Path, whole: tuple[str, bytes]
) -> None:
    name, data = whole
    folder.mkdir(mode=0o700)
    file = folder / name
    file.write_bytes(data)
    assert call(1) == (5.0, "cache")
    file.write_bytes(altered()[way](data))
    assert [call(1), call(1)] == [(5.0, "compiled"), (5.0, "cache")]
    assert [one.name for one in folder.iterdir()] == [name]


def test_no_bit_may_differ_and_no_byte_be_missing(folder: Path) -> None:
    cache.write("a kernel", b"some machine code")
    (file,) = folder.iterdir()
    kept = file.read_bytes()
    for bit in range(8 * len(kept)):
        file.write_bytes(flipped(kept, bit))
        assert cache.read("a kernel") is None, bit
    for length in range(len(kept)):
        file.write_bytes(kept[:length])
        assert cache.read("a kernel") is None, length
    file.write_bytes(kept)
    assert cache.read("a kernel") == b"some machine code"


def test_a_kernel_under_the_name_of_another_is_not_taken_for_it(folder: Path) -> None:
    call(1)
    (first,) = folder.iterdir()
    call(2)
    (second,) = set(folder.iterdir()) - {first}
    second.write_bytes(first.read_bytes())
    assert call(2) == (6.0, "compiled")


@pytest.mark.parametrize("kind", ["fifo", "link", "folder"])
def test_what_is_no_file_is_not_read(kind: str, folder: Path, whole: tuple[str, bytes], tmp_path: Path) -> None:
    name, data = whole
    folder.mkdir(mode=0o700)
    if kind == "fifo":
        os.mkfifo(folder / name)
    elif kind == "link":
        (tmp_path / "elsewhere").write_bytes(data)
        (folder / name).symlink_to(tmp_path / "elsewhere")
    else:
        (folder / name).mkdir()
    assert call(1) == (5.0, "compiled")


# -- where nothing can be kept ------------------------------------------------------------------------------
def test_without_a_folder_to_keep_it_code_is_compiled_all_the_same(folder: Path) -> None:
    folder.write_text("in the way", encoding="utf-8")
    assert [call(1), call(1)] == [(5.0, "compiled")] * 2


def test_a_disk_that_is_full_leaves_nothing_half_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert call(1) == (5.0, "compiled")
    assert not list(folder.iterdir())


# -- what somebody else may have put there ------------------------------------------------------------------
def under_checksum(key: str, data: bytes) -> bytes:
    """Give what the cache would keep: whoever can write a file can write its checksum."""
    return hashlib.sha256(hashlib.sha256(key.encode()).digest() + data).digest() + data


def test_a_planted_file_of_ones_own_would_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert plant_and_call(folder, monkeypatch, lambda: None)  # or the next test would prove nothing


def plant_and_call(folder: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> bool:
    """Plant the code of another kernel under a right checksum, change rights, call: tell whether it was run."""
    made: list[tuple[str, bytes]] = []
    keep = cache.write

    def write(key: str, data: bytes) -> None:
        made.append((key, data))
        keep(key, data)

    with monkeypatch.context() as patch:
        patch.setattr(cache, "write", write)
        assert [call(7), call(1)] == [(11.0, "compiled"), (5.0, "compiled")]
    (_, planted), (key, _) = made
    (file,) = [f for f in folder.iterdir() if planted not in f.read_bytes()]
    file.write_bytes(under_checksum(key, planted))
    change()
    result = call(1)
    assert result in ((11.0, "cache"), (5.0, "compiled"))
    return result == (11.0, "cache")


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o1777, 0o702])
def test_a_folder_that_others_may_write_to_is_neither_read_nor_written(
    mode: int, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not plant_and_call(folder, monkeypatch, lambda: folder.chmod(mode))
    before = {file: file.read_bytes() for file in folder.iterdir()}
    assert [call(2), call(2)] == [(6.0, "compiled")] * 2
    assert {file: file.read_bytes() for file in folder.iterdir()} == before
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith(f"{folder} belongs to somebody else, or others may write to it")


def test_a_folder_below_one_that_others_may_write_to_is_not_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    above = tmp_path / "above"
    above.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(above))
    assert not plant_and_call(above / "fiveyear", monkeypatch, lambda: above.chmod(0o777))
    assert f"{above} belongs to somebody else" in capsys.readouterr().err
    above.chmod(0o1777)  # as /tmp: what is there cannot be moved by others
    assert [call(2), call(2)] == [(6.0, "compiled"), (6.0, "cache")]


def test_a_link_that_others_may_turn_is_not_followed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    public, away = tmp_path / "public", tmp_path / "away"
    public.mkdir()
    away.mkdir(mode=0o700)
    (public / "link").symlink_to(away)
    folder.symlink_to(public / "link")
    assert not plant_and_call(folder, monkeypatch, lambda: public.chmod(0o777))
    public.chmod(0o755)
    assert [call(2), call(2)] == [(6.0, "compiled"), (6.0, "cache")]


def chmod(folder: Path, mode: int) -> None:
    for file in folder.iterdir():
        file.chmod(mode)


@pytest.mark.parametrize("mode", [0o666, 0o620])
def test_a_file_that_others_may_write_to_is_not_read(mode: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not plant_and_call(folder, monkeypatch, lambda: chmod(folder, mode))
    assert call(1) == (5.0, "cache")  # it was written again


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser may give files away")
@pytest.mark.parametrize("what", ["file", "folder", "above"])
def test_what_belongs_to_somebody_else_is_not_read(
    what: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change() -> None:
        for one in {"file": list(folder.iterdir()), "folder": [folder], "above": [tmp_path]}[what]:
            os.chown(one, 12_345, -1)

    assert not plant_and_call(folder, monkeypatch, change)


# A new process that runs a small model by the fast engine: x grows by 2 a year, from 0.
PROCESS = """
from types import ModuleType
from fiveyear.model import Inputs, Reading, assemble, integrate
from fiveyear.model.declarations import Parameter, Stock
from fiveyear.model.quantities import PerYear

def inflow(rate: PerYear) -> PerYear:
    '''What enters.'''
    return rate

inflow.__module__ = "toy"
toy = ModuleType("toy", "Toy.")
toy.inflow, toy.rate, toy.x = inflow, Parameter("1/year", 0.0, 9.0, "rate"), Stock("1", "", ("inflow",), about="x")
x = Reading("x", "year end")
print(*integrate(assemble([toy]), Inputs(2001, 2003, {"rate": 2.0}, {}), [x], engine="fast")[x][:, 0].round(12))
"""
ENDED = ("2.0 4.0 6.0\n", "")


def process(**environment: str) -> subprocess.Popen[str]:
    call, pipe = [sys.executable, "-c", PROCESS], subprocess.PIPE
    return subprocess.Popen(call, env=os.environ | environment, stdout=pipe, stderr=pipe, text=True)


class Planted:
    """What makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["NUMBA_CACHE_DIR", "__pycache__"])
def test_what_is_planted_where_numba_would_look_does_not_run(where: str, folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" if where == "NUMBA_CACHE_DIR" else folder / "__pycache__"
    environment = {"NUMBA_CACHE_DIR": str(elsewhere)} if where == "NUMBA_CACHE_DIR" else {}
    folder.mkdir(mode=0o700)
    elsewhere.mkdir()
    for _ in range(2):
        elsewhere.chmod(0o777)
        for file in filter(Path.is_file, elsewhere.rglob("*")):
            file.write_bytes(pickle.dumps(Planted(tmp_path / "ran")))
        assert process(**environment).communicate() == ENDED
    assert not (tmp_path / "ran").exists()
    assert not list(elsewhere.iterdir())


@pytest.mark.slow
def test_the_engine_runs_whatever_became_of_the_files(folder: Path) -> None:
    assert process().communicate() == ENDED
    for way in ("empty", "cut at 0.5", "a bit flipped at 0.500"):
        for file in filter(Path.is_file, folder.rglob("*")):
            file.write_bytes(altered()[way](file.read_bytes()))
        assert process().communicate() == ENDED, way


@pytest.mark.slow
def test_processes_that_compile_or_read_at_once_do_not_disturb_each_other(folder: Path) -> None:
    for _ in range(2):  # all write at once, then all read
        started = [process() for _ in range(3)]
        assert [one.communicate() for one in started] == [ENDED] * 3
        assert len(list(folder.iterdir())) == 1

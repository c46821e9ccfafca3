"""Reading an ordinary file and nothing else: nothing is waited for, and nothing without end is read."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from fiveyear.model import ordinary_files

MOST = 100


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """Fail, and do not wait, where something waits for a writer that never comes."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("it waited")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def bound(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        os.chdir(path.parent)  # the name of a socket may have some hundred bytes
        end.bind(path.name)


KINDS: dict[str, tuple[Callable[[Path], object], str]] = {
    "folder": (Path.mkdir, "it is a folder; expected a file"),
    "pipe": (os.mkfifo, r"it is a pipe, such as <\(...\) gives; save what it gives in a file, and name that"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "it is a device; expected a file"),
    "socket": (bound, "it is a socket; expected a file"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_file_is_called_what_it_is_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    make, message = KINDS[kind]
    make(tmp_path / "own.toml")
    with pytest.raises(OSError, match=message):
        ordinary_files.read(tmp_path / "own.toml", MOST)


def test_a_pipe_that_takes_the_place_of_a_file_at_the_last_moment_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "own.toml")
    monkeypatch.setattr(ordinary_files, "other", lambda path, follow: "")  # it was a file a moment ago
    before = len(list(Path("/dev/fd").iterdir()))
    with pytest.raises(OSError, match="it is a pipe"):
        ordinary_files.read(tmp_path / "own.toml", MOST)
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_link_is_followed_unless_it_must_not_be(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(b"own")
    (tmp_path / "link.toml").symlink_to("own.toml")
    assert ordinary_files.read(tmp_path / "link.toml", MOST) == b"own"
    with pytest.raises(OSError, match="it is a link; expected a file"):
        ordinary_files.read(tmp_path / "link.toml", MOST, follow=False)


@pytest.mark.parametrize("size", [0, 1, MOST - 1, MOST])
def test_a_file_of_the_size_that_is_allowed_is_read_whole(tmp_path: Path, size: int) -> None:
    (tmp_path / "own").write_bytes(bytes(range(size)))
    assert ordinary_files.read(tmp_path / "own", MOST) == bytes(range(size))


def test_a_larger_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "own").open("wb") as file:
        file.truncate(2**40)  # more than memory; it takes no room on the disk
    with pytest.raises(OSError, match="it is larger than 20 MB"):
        ordinary_files.read(tmp_path / "own", 20 * 1024**2)


def test_a_file_whose_size_the_system_makes_up_is_read_whole_or_refused() -> None:
    made_up = Path("/proc/self/status")
    if not made_up.exists():
        pytest.skip("there is no /proc")
    assert made_up.stat().st_size == 0
    assert ordinary_files.read(made_up, 2**20).startswith(b"Name:")
    with pytest.raises(OSError, match="it is larger than 0 kB"):
        ordinary_files.read(made_up, MOST)


def test_what_is_not_there_is_not_there_and_a_name_that_cannot_be_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ordinary_files.read(tmp_path / "nowhere", MOST)
    with pytest.raises(OSError, match="no file can have such a name"):
        ordinary_files.read(tmp_path / "own\0.toml", MOST)

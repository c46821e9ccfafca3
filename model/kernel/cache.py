"""Files in the user's cache: each under a checksum, in a folder into which nobody else can put one.

What is kept here is run. So no folder is used that somebody else owns or may change, nor one below such a folder, and
no file of another's; and what was cut short, emptied or altered is not there at all. A checksum alone would not do:
whoever can change a file can change its checksum.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

FOLDER = "fiveyear"
OTHERS = stat.S_IWGRP | stat.S_IWOTH
CHECKSUM = hashlib.sha256


def user_folder() -> Path:
    """Give the folder in the user's cache, which may not be there; raises RuntimeError where nobody has a home."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", FOLDER).absolute()


def read(key: str) -> bytes | None:
    """Give what was written under a key; None if that is not there, or not as it was written."""
    with contextlib.suppress(OSError, RuntimeError):
        # Neither a link nor a FIFO that nobody writes to may stand in the file's place.
        handle = os.open(_file(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as stream:
            status = os.fstat(handle)
            if stat.S_ISREG(status.st_mode) and _is_own(status):
                checksum, data = stream.read(CHECKSUM().digest_size), stream.read()
                return data if checksum == _checksum(key, data) else None
    return None


def write(key: str, data: bytes) -> None:
    """Keep data under a key, whole or not at all; where it cannot be kept, it is not."""
    with contextlib.suppress(OSError, RuntimeError):
        file = _file(key)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(_checksum(key, data) + data)
                stream.flush()
                os.fsync(handle)
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)


def _checksum(key: str, data: bytes) -> bytes:
    return CHECKSUM(CHECKSUM(key.encode()).digest() + data).digest()  # the key's: a file under another's name is wrong


def _file(key: str) -> Path:
    """Give the place of a file; raises OSError or RuntimeError if there is no folder for it."""
    folder = user_folder()
    for part in (*reversed(folder.parents), folder):
        if not part.exists():
            part.mkdir(mode=0o700, exist_ok=True)
    for part in _passed(folder):
        if not (_is_own if part == folder else _is_safe_above)(part.stat()):
            _say(
                f"{part} belongs to somebody else, or others may write to it: kernels are not kept in {folder},"
                " and are compiled anew by each process"
            )
            raise PermissionError(part)
    return folder / f"kernel_{CHECKSUM(key.encode()).hexdigest()[:32]}"


def _passed(folder: Path) -> Iterator[Path]:
    """Give a folder, and each that is passed on the way to it, where links lead too."""
    todo, seen = [folder], set[Path]()
    while todo:
        if (part := todo.pop()) not in seen:
            seen.add(part)
            yield part
            todo.append(part.parent)
            if part.is_symlink():
                todo.append(part.parent / part.readlink())


def _is_own(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & OTHERS


def _is_safe_above(status: os.stat_result) -> bool:
    """Tell whether nobody else can change what this user has in a folder: in /tmp everybody may add, but not move."""
    owner = status.st_uid in (os.geteuid(), Path("/").stat().st_uid)
    return owner and (not status.st_mode & OTHERS or bool(status.st_mode & stat.S_ISVTX))


@functools.cache
def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)  # once a process

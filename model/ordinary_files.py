"""Reading what somebody hands over: an ordinary file and nothing else, so that nothing is waited for and nothing fills.

A pipe waits for whoever writes into it, and a device may give bytes without end.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path

_PIPE = "a pipe"
_OTHERS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: _PIPE,
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFLNK: "a link",
}
_PIECE = 2**20  # bytes


def other(path: Path, follow: bool = True) -> str:
    """Say what a path is if it is no ordinary file, such as "a folder"; nothing if it is one.

    Without ``follow`` a link is none. Raises OSError where that cannot be told, be it that nothing is there.
    """
    try:
        return _named(path.stat(follow_symlinks=follow).st_mode)
    except ValueError:  # a NUL, or what no name of a file can hold
        raise OSError(errno.EINVAL, "no file can have such a name", str(path)) from None


def is_folder(path: Path) -> bool:
    """Tell whether a path is a folder; not if that cannot be told, as of a name that is too long."""
    try:
        return path.is_dir()
    except OSError:
        return False


def opened(path: Path, follow: bool = True) -> io.BufferedReader:
    """Open an ordinary file for reading; raises OSError, which says what it is, for anything else."""
    _require_ordinary(other(path, follow), path)
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
    try:
        _require_ordinary(_named(os.fstat(handle).st_mode), path)  # it may have become something else meanwhile
    except OSError:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def read(path: Path, most: int, follow: bool = True) -> bytes:
    """Give what an ordinary file holds; raises OSError if it cannot be read, or has more than ``most`` bytes."""
    with opened(path, follow) as file:
        size = os.fstat(file.fileno()).st_size
        content = b"" if size > most else file.read(size + 1) or b""  # None where it would have to wait
        while size < len(content) <= most:  # it has grown, or the system makes its size up
            size = len(content)
            content += file.read(_PIECE) or b""
    if max(size, len(content)) > most:
        raise OSError(errno.EFBIG, f"it is larger than {_size(most)}", str(path))
    return content


def _named(mode: int) -> str:
    return "" if stat.S_ISREG(mode) else _OTHERS.get(stat.S_IFMT(mode), "no ordinary file")


def _require_ordinary(description: str, path: Path) -> None:
    if description == _PIPE:
        description += ", such as <(...) gives; save what it gives in a file, and name that"
    elif description:
        description += "; expected a file"
    if description:
        raise OSError(errno.EINVAL, f"it is {description}", str(path))


def _size(count: int) -> str:
    """Write a number of bytes in a unit that suits it.

    >>> _size(256 * 1024), _size(20 * 1024**2)
    ('256 kB', '20 MB')
    """
    return f"{count // 1024**2} MB" if count >= 1024**2 else f"{count // 1024} kB"

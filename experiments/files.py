"""Writing results: never over something else unasked, and complete or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a `--help` does not wait for it
    import xarray as xr


class ExistsError(Exception):
    """An output exists and nobody said --force."""


class WriteError(Exception):
    """An output could not be written."""


def refuse_existing(files: Iterable[Path], force: bool) -> None:
    """Raise ExistsError if any of the files is there, unless ``force``."""
    there = [str(f) for f in files if os.path.lexists(f)]
    if there and not force:
        raise ExistsError(f"{', '.join(there)}: exists; --force writes over it")


def folder(path: Path) -> Path:
    """Make a folder for results; raises WriteError if that cannot be done."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{path}: cannot be made: {error.strerror}") from None
    return path


def write_whole(file: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a temporary file in the same folder, flush it to the disk, and only then give it its name.

    Raises WriteError if that cannot be done; then neither the file nor a part of it is there.
    """
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}.", suffix=file.suffix)
    except OSError as error:
        raise WriteError(f"{file}: cannot be written: {error.strerror}") from None
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(file)
    except OSError as error:
        raise WriteError(f"{file}: cannot be written: {error.strerror or error}") from None
    finally:
        temporary.unlink(missing_ok=True)


def write_netcdf(dataset: xr.Dataset, file: Path) -> None:
    """Write a Dataset as netCDF, complete or not at all; raises WriteError if that cannot be done."""
    write_whole(file, lambda path: dataset.to_netcdf(path, engine="scipy"))


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current

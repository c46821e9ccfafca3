"""Writing results: never over something else unasked, and complete or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a `--help` does not wait for it
    import xarray as xr


_unfinished: set[Path] = set()  # temporary files and folders, to be removed if a signal ends the program


class ExistsError(Exception):
    """An output exists and nobody said --force."""


class WriteError(Exception):
    """An output could not be written."""


def refuse_existing(files: Iterable[Path], force: bool) -> None:
    """Raise ExistsError if any of the files is there, unless ``force``; WriteError if it cannot be a file."""
    files = list(files)
    for file in files:
        _require_ordinary(file)
        if not file.parent.is_dir():
            raise WriteError(f"{file}: cannot be written: there is no folder {file.parent}")
    there = [str(f) for f in files if os.path.lexists(f)]
    if there and not force:
        raise ExistsError(f"{', '.join(there)}: exists; --force writes over it")


def folder(path: Path) -> Path:
    """Make a folder for results; raises WriteError if that cannot be done."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        found = _other(path) or "a file"
        raise WriteError(f"{path}: cannot be made: it is {found}; expected a folder, or nothing there") from None
    except OSError as error:
        raise WriteError(f"{path}: cannot be made: {error.strerror}") from None
    return path


def write_whole(file: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a temporary file in the same folder, flush it to the disk, and only then give it its name.

    Raises WriteError if that cannot be done, or if the name is that of something other than a file; then neither the
    file nor a part of it is there.
    """
    with _failing(file):
        file = file.resolve()  # a link stays a link
        _require_ordinary(file)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}.", suffix=file.suffix)
        os.close(handle)
        temporary = Path(name)
        _unfinished.add(temporary)
        try:
            write(temporary)
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)
            _unfinished.discard(temporary)


@contextlib.contextmanager
def together(out: Path) -> Iterator[Path]:
    """Give a temporary folder inside ``out``; when all went well, move what it holds into ``out``."""
    with _failing(out):
        temporary = Path(tempfile.mkdtemp(dir=out, prefix=".unfinished."))
        _unfinished.add(temporary)
        try:
            yield temporary
            made = sorted(temporary.iterdir())
            for file in made:
                _require_ordinary(out / file.name)
            for file in made:
                file.replace(out / file.name)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            _unfinished.discard(temporary)


def remove_unfinished() -> None:
    """Remove what is half written: for a program that a signal ends."""
    for path in list(_unfinished):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _require_ordinary(file: Path) -> None:
    if found := _other(file):
        raise WriteError(f"{file}: cannot be written: it is {found}; expected a file, or nothing there")


def _other(path: Path) -> str:
    """Say what a path is if something is there and no ordinary file, such as "a pipe"."""
    from fiveyear.model import ordinary_files  # which a `--help` does not wait for

    with _failing(path), contextlib.suppress(FileNotFoundError):
        return ordinary_files.other(path)
    return ""


@contextlib.contextmanager
def _failing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {error.strerror or error}") from None


def write_netcdf(dataset: xr.Dataset, file: Path) -> None:
    """Write a Dataset as netCDF, complete or not at all; raises WriteError if that cannot be done."""
    write_whole(file, lambda path: dataset.to_netcdf(path, engine="scipy"))


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current

"""Writing results: never over something else unasked, and complete or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a `--help` does not wait for it
    import xarray as xr


#: What is being written is called so, and locked: the lock goes with the process, however that ends, and what nobody
#: holds was left by one that was killed. (Workers hold none: they are started anew.)
_PREFIX = ".unfinished."
UNFINISHED = re.compile(r"\.unfinished\.[a-z0-9_]{8}(\..*)?", re.DOTALL)

STORE = "experiment.json"  # by which a store is known; store.store.DESCRIPTION, which would load the model

_unfinished: set[Path] = set()  # temporary files and folders, to be removed if a signal ends the program
_pythons: set[Path] = set()  # folders that Python removes in the end, but for a signal
_made: list[Path] = []  # folders made for results, to be removed if they are empty at the end


def refuse_existing(files: Iterable[Path], force: bool) -> None:
    """Raise ExistsError if any of the files is there, unless ``force``; WriteError if it cannot be a file.

    What killed runs left half-written beside them goes.
    """
    from .errors import ExistsError, WriteError

    files = list(files)
    for place in {file.parent for file in files}:
        remove_abandoned(place)
    for file in files:
        _require_ordinary(file)
        if not file.parent.is_dir():
            raise WriteError(f"{file}: cannot be written: there is no folder {file.parent}")
    there = [str(f) for f in files if os.path.lexists(f)]
    if there and not force:
        raise ExistsError(f"{', '.join(there)}: exists; --force writes over it")


@contextlib.contextmanager
def results(out: Path | None, force: bool, names: Iterable[str] = (), quiet: bool = False) -> Iterator[None]:
    """Refuse, before any work, what could not be written; when the work is done, print what was, unless ``quiet``.

    ``out`` is a folder for files of these names, or without them a file itself; nothing is written where it is None.
    Raises ExistsError if a file is there and not ``force``, WriteError for what cannot be a file, or without a folder.
    """
    files = [out / name for name in names] or [out] if out else []
    for place in dict.fromkeys(file.parent for file in files if file != out):
        folder(place)
    refuse_existing(files, force)
    yield
    if files and not quiet:
        print(f"written: {', '.join(map(str, files))}")


def folder(path: Path) -> Path:
    """Make a folder for results, or take what is there; raises WriteError if that cannot be done."""
    from .errors import WriteError

    absolute = path.absolute()
    absent = [p for p in (absolute, *absolute.parents) if not os.path.lexists(p)]
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        kind = _other(path) or "a file"
        raise WriteError(f"{path}: cannot be made: it is {kind}; expected a folder, or nothing there") from None
    except OSError as error:
        raise WriteError(f"{path}: cannot be made: {error.strerror}") from None
    finally:
        _made.extend(absent)
    return path


def write_whole(file: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a temporary file in the same folder, flush it to the disk, and only then give it its name.

    Raises WriteError if that cannot be done, or if the name is that of something other than a file; then neither the
    file nor a part of it is there.
    """
    with _failing(file):
        file = file.resolve()  # a link stays a link
        _require_ordinary(file)
        with _temporary(partial(_new_file, file)) as temporary:
            write(temporary)
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(file)


@contextlib.contextmanager
def together(out: Path) -> Iterator[Path]:
    """Give a temporary folder inside ``out``; when all went well, move what it holds into ``out``."""
    with _failing(out):
        folder(out)  # somebody may have removed it meanwhile
        with _temporary(lambda: Path(tempfile.mkdtemp(dir=out, prefix=_PREFIX))) as temporary:
            yield temporary
            made = sorted(temporary.iterdir())
            for file in made:
                _require_ordinary(out / file.name)
            for file in made:
                file.replace(out / file.name)


def remove_on_signal(path: Path) -> None:
    """Have a folder removed if a signal ends the program, which in any other end Python removes itself."""
    _pythons.add(path)


def remove_unfinished(by_signal: bool = False) -> None:
    """Remove what is half written, and folders made for nothing: for the end of the program, by a signal or not."""
    for path in [*_unfinished, *(_pythons if by_signal else ())]:
        _remove(path)
    for path in sorted(_made, key=lambda p: len(p.parts), reverse=True):
        with contextlib.suppress(OSError):  # of one that is not empty
            path.rmdir()
    _made.clear()


def remove_abandoned(place: Path) -> None:
    """Remove what killed runs left half-written in a folder; what a process that lives is writing stays.

    What cannot be removed stays, too, as on a file system that knows no locks.
    """
    try:
        with os.scandir(place) as entries:
            names = [entry.name for entry in entries if UNFINISHED.fullmatch(entry.name)]
    except OSError:
        return
    for name in names:
        with contextlib.suppress(OSError):
            handle = _locked(place / name)
            if stat.S_IFMT(os.fstat(handle).st_mode) in (stat.S_IFREG, stat.S_IFDIR):
                _remove(place / name)
            os.close(handle)


@contextlib.contextmanager
def _temporary(make: Callable[[], Path]) -> Iterator[Path]:
    """Give a new file or folder that is locked, and removed in the end if it is still there."""
    temporary, handle = _begun(make)
    try:
        yield temporary
    finally:
        _remove(temporary)
        _unfinished.discard(temporary)
        if handle is not None:
            os.close(handle)


def _begun(make: Callable[[], Path]) -> tuple[Path, int | None]:
    """Give a new file or folder with the handle of its lock; none on a file system that knows no locks."""
    while True:
        temporary = make()
        _unfinished.add(temporary)
        try:
            handle = _locked(temporary)
            if os.path.lexists(temporary):
                return temporary, handle
            os.close(handle)
        except (BlockingIOError, FileNotFoundError):
            pass
        except OSError:
            return temporary, None
        _unfinished.discard(temporary)  # it was taken for an abandoned one before it was locked


def _locked(path: Path) -> int:
    """Open and lock a file or folder; raises BlockingIOError if somebody has it, OSError if there are no locks."""
    import fcntl  # which Windows has not

    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle


def _new_file(file: Path) -> Path:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=_PREFIX, suffix=file.suffix)
    os.close(handle)
    return Path(name)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _require_ordinary(file: Path) -> None:
    from .errors import WriteError

    if kind := _other(file):
        raise WriteError(f"{file}: cannot be written: it is {kind}; expected a file, or nothing there")


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
        from .errors import WriteError  # which a `--help` does not wait for: it loads the model

        raise WriteError(f"{path}: cannot be written: {error.strerror or error}") from None


def write_netcdf(dataset: xr.Dataset, file: Path, title: str, command: str) -> None:
    """Write a Dataset as netCDF, complete or not at all; raises WriteError if that cannot be done.

    Its attributes hold what an ensemble's ``provenance`` gives. netCDF-3 has no whole numbers of 64 bits: a seed from
    2**31 on is written as text.
    """
    from fiveyear.model.netcdf import conventional, made_by  # which a `--help` does not wait for

    made = dataset.attrs
    made_from = {key: made[key] for key in ("scenario", "settings", "facts", "draws", "seed", "engine") if made[key]}
    whole = conventional(dataset, title, made_by(made["version"], command, made_from))
    large = {n: str(v) for n, v in made.items() if isinstance(v, int) and v >= 2**31}
    write_whole(file, lambda path: whole.assign_attrs(large).to_netcdf(path, engine="scipy"))


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def refuse_result(name: str) -> None:
    """Refuse what a run has written where a scenario or an experiment is wanted; raises InputError."""
    shown = None
    with contextlib.suppress(OSError):  # of a name that is too long: whoever opens the file says so
        shown = _result_at(Path(name))
    if shown is not None:
        from fiveyear.model.errors import Fault, InputError

        text = f"it is a result; expected a scenario or an experiment. To print it: fiveyear store show {shown}"
        raise InputError(name, [Fault("", text, found="a result", expected="a scenario or an experiment")])


def _result_at(path: Path) -> Path | None:
    """Give the store or file of a run that a path leads to, if it leads to one."""
    if path.is_dir():
        files = [file for file in (path / STORE, *sorted(path.glob("*.nc"))[:1]) if file.is_file()]
        return None if not files else path if files[0].name == STORE else files[0]
    if path.is_file() and (path.name == STORE or path.suffix == ".nc"):
        return path.parent if path.name == STORE else path
    return None

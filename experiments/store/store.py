"""The store of an experiment: a folder with one file a chunk, whose name says its rows and its hash.

The folder is the manifest. ``experiment.json`` is written first and says which chunks must exist; nothing is ever
appended to; whatever stands at a final name was whole when it got that name.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from fiveyear.experiments.console import files
from fiveyear.experiments.console.errors import ExistsError, StoreError, WriteError
from fiveyear.experiments.parallel.work import Chunk
from fiveyear.model import ordinary_files
from fiveyear.model.errors import LISTED, printable

DESCRIPTION = "experiment.json"
MOST_ROWS, MOST_CHUNKS = 10**12 - 1, 10**6  # twelve digits in a name; a folder with more files serves nobody
MOST_BYTES = 2**28  # of a description
LARGEST = 2**36  # bytes of a file of results: whatever memory holds, but nothing without end

_NAME = re.compile(r"rows_([0-9]{12})_([0-9]{12})_([0-9a-f]{64})\.nc")
_DAMAGED = "is damaged: not what its name says; fiveyear run --resume computes it again"
_locked: dict[tuple[int, int], int] = {}  # device and inode of a folder -> its handle, open until the process ends


class Store:
    """The folder of an experiment, and what it must hold. To be had from ``create`` or ``open``."""

    def __init__(self, folder: Path, description: Mapping[str, Any]) -> None:
        self.folder = folder
        self.description = description
        self._names: dict[Chunk, set[str]] = {}
        self._others: list[str] = []
        self._look()

    @classmethod
    def create(cls, folder: Path, description: Mapping[str, Any], resume: bool = False) -> Store:
        """Make the store of an experiment in a folder that is not there or empty.

        With ``resume`` the folder may hold the same experiment already. What a killed run left half-written is removed.
        Raises ExistsError if the folder holds anything else or another run writes there, StoreError naming the keys
        that differ if it holds another experiment, WriteError if it cannot be written.
        """
        data = _to_json(description)
        if len(data) > MOST_BYTES:
            raise StoreError(str(folder), [f"{DESCRIPTION} would have {len(data):,} bytes; expected fewer cases"])
        _require_sound(f"the description of {folder}", description)
        files.folder(folder)
        folder = folder.resolve()
        _lock(folder)
        files.remove_abandoned(folder)
        try:
            there = sorted(path.name for path in folder.iterdir())
        except OSError as error:
            raise StoreError(str(folder), [f"cannot be read: {error.strerror}"]) from None
        if there and DESCRIPTION not in there:
            names = ", ".join(map(printable, there[:3])) + (f" and {len(there) - 3:,} more" if there[3:] else "")
            raise ExistsError(f"{folder}: holds {names}, but no {DESCRIPTION}; expected an empty folder")
        if there and not resume:
            raise ExistsError(f"{folder}: holds an experiment; --resume goes on with it, or choose another folder")
        if there:
            store = cls.open(folder)
            _require_same(folder, store.description, json.loads(json.dumps(description)), "in this run")
            return store
        files.write_whole(folder / DESCRIPTION, lambda path: path.write_bytes(data))
        _flush(folder)
        _flush(folder.parent)
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Give the store in a folder; raises StoreError if there is none, or its description is damaged."""
        file = folder / DESCRIPTION
        try:
            data = ordinary_files.read(file, MOST_BYTES, follow=False)
        except (FileNotFoundError, NotADirectoryError):
            raise StoreError(
                str(folder), [f"holds no {DESCRIPTION}; expected a folder that fiveyear run has made of an experiment"]
            ) from None
        except OSError as error:
            raise StoreError(str(file), [f"cannot be read: {error.strerror}"]) from None
        return cls(folder, _from_json(file, data))

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """The chunks that must exist, in the order of rows."""
        rows, size = self.description["rows"], self.description["chunk"]
        return tuple(Chunk(start, min(start + size, rows)) for start in range(0, rows, size))

    def missing(self, check: bool = True, among: Sequence[Chunk] | None = None) -> list[Chunk]:
        """Give the chunks, of ``among`` or of all, that are not there or are not what the names of their files say.

        Without ``check`` names are believed, and no file is read.
        """
        self._look()
        among = self.chunks if among is None else among
        return [c for c in among if not any(not check or self._holds(n) for n in self._names.get(c, ()))]

    def finished(self) -> str:
        """Say how many of the chunks are there."""
        return f"{len(self._names):,} of {len(self.chunks):,} chunks are finished"

    def write(self, chunk: Chunk, data: bytes) -> Path:
        """Write the file of a chunk, complete or not at all, and give its path.

        A damaged file of the same chunk gives way to it. Raises WriteError, which says how far the run has got.
        """
        if chunk not in self._expected:
            raise ValueError(f"{chunk} is no chunk of {self.folder}")
        name = _name(chunk, hashlib.sha256(data).hexdigest())
        file = self.folder / name
        try:
            if file.is_symlink():
                raise WriteError(f"{file}: cannot be written: it is a link, expected a file or nothing")
            files.write_whole(file, lambda path: path.write_bytes(data))
            _flush(self.folder)
        except WriteError as error:
            raise WriteError(f"{error}; {self.finished()}; when that is mended, go on with --resume") from None
        for other in self._names.get(chunk, set()) - {name}:
            if not self._holds(other):
                (self.folder / other).unlink(missing_ok=True)
                self._names[chunk].discard(other)
        self._names.setdefault(chunk, set()).add(name)
        return file

    def read(self, chunk: Chunk) -> bytes:
        """Give the bytes of a chunk; raises StoreError if they are not there, there twice, or damaged."""
        if chunk not in self._names:
            self._look()
        if faults := self._faults_of(chunk):
            raise StoreError(str(self.folder), faults)
        (name,) = self._names[chunk]
        return _read(self.folder / name, _DAMAGED)

    def verify(self) -> list[str]:
        """Give every fault, a sentence each: chunks missing, damaged or there twice, and foreign files."""
        self._look()
        faults = []
        for chunk in self.chunks:
            faults += self._faults_of(chunk)
            faults += [f"{n}: {_DAMAGED}" for n in sorted(self._names.get(chunk, ())) if not self._holds(n)]
        half = "is half-written: a run is under way, or was killed and --resume removes it"
        faults += [f"{n}: {half if files.UNFINISHED.fullmatch(n) else 'is no part of it'}" for n in self._others]
        return [printable(fault) for fault in faults]

    def _faults_of(self, chunk: Chunk) -> list[str]:
        """Say whether the file of a chunk is not there, or there twice."""
        names = sorted(self._names.get(chunk, ()))
        if len(names) == 1:
            return []
        twice = f"is there {len(names)} times, as {', '.join(names)}; expected one file: delete the wrong ones"
        return [f"{rows_text(chunk)}: {twice if names else 'is not there; fiveyear run --resume computes it'}"]

    @cached_property
    def _expected(self) -> frozenset[Chunk]:
        return frozenset(self.chunks)

    def _look(self) -> None:
        """Read the folder: which files are of which chunk, and which are of none."""
        self._names, self._others = {}, []
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    match = _NAME.fullmatch(entry.name)
                    chunk = Chunk(int(match[1]), int(match[2])) if match else None
                    if chunk in self._expected and entry.is_file(follow_symlinks=False):
                        self._names.setdefault(chunk, set()).add(entry.name)
                    elif entry.name != DESCRIPTION:
                        self._others.append(entry.name)
        except OSError as error:
            raise StoreError(str(self.folder), [f"cannot be read: {error.strerror}"]) from None
        self._others.sort()

    def _holds(self, name: str) -> bool:
        """Tell whether a file is there and is what its name says."""
        try:
            with ordinary_files.opened(self.folder / name, follow=False) as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == _hash_in(name)
        except OSError:
            return False


def merge(stores: Sequence[Store], out: Path) -> Store:
    """Bring the shards of one experiment together in a folder, by hard links or copies; the shards stay as they are.

    The folder may hold a part of it already. All is verified first: raises StoreError, and writes nothing, if the
    stores are not of one experiment, a chunk is damaged, or two stores hold the same chunk with different bytes; then
    as ``Store.create`` does. ``missing`` of the result tells what no shard holds.
    """
    if not stores:
        raise StoreError(str(out), ["there is no store to merge"])
    chunk_files: dict[Chunk, Path] = {}
    faults = []
    for store in stores:
        _require_same(store.folder, store.description, stores[0].description, f"in {stores[0].folder}")
        store._look()
        for chunk, names in sorted(store._names.items()):
            for name in sorted(names):
                file = store.folder / name
                if not store._holds(name):
                    faults.append(f"{file}: {_DAMAGED}")
                elif chunk_files.setdefault(chunk, file).name != name:
                    faults.append(_contradiction(chunk, chunk_files[chunk], file))
    if not faults:
        merged = Store.create(out, stores[0].description, resume=True)
        there = set(merged.chunks) - set(merged.missing())
        for chunk, file in chunk_files.items():
            faults += [_contradiction(chunk, file, out / n) for n in merged._names.get(chunk, ()) if n != file.name]
    if faults:
        raise StoreError(f"merging into {out}", faults)
    for chunk, file in chunk_files.items():
        if chunk not in there:
            _link_or_copy(file, merged, chunk)
    _flush(merged.folder)
    merged._look()
    return merged


def _link_or_copy(file: Path, merged: Store, chunk: Chunk) -> None:
    try:
        os.link(file, merged.folder / file.name, follow_symlinks=False)
    except OSError:  # another disk, a file system without links, or a damaged file of that name
        merged.write(chunk, _read(file, "has changed since it was verified"))


def _read(file: Path, damaged: str) -> bytes:
    """Read the file of a chunk; raises StoreError if it cannot be read, or with ``damaged`` if it is another now."""
    try:
        data = ordinary_files.read(file, LARGEST, follow=False)
    except OSError as error:
        raise StoreError(str(file), [f"cannot be read: {error.strerror}"]) from None
    if hashlib.sha256(data).hexdigest() != _hash_in(file.name):
        raise StoreError(str(file), [damaged])
    return data


# -- names and messages -------------------------------------------------------------------------------------
def _name(chunk: Chunk, digest: str) -> str:
    return f"rows_{chunk.start:012d}_{chunk.stop:012d}_{digest}.nc"


def _hash_in(name: str) -> str:
    return name[-67:-3]


def rows_text(chunk: Chunk) -> str:
    """Name a chunk in a message."""
    return f"the chunk of rows {chunk.start} to {chunk.stop}"


def _contradiction(chunk: Chunk, file: Path, other: Path) -> str:
    return f"{rows_text(chunk)}: {file} and {other} hold different numbers; expected the same: delete the wrong one"


# -- the description ----------------------------------------------------------------------------------------
def _to_json(description: Mapping[str, Any]) -> bytes:
    """Give the one way a description is written: its own hash first, then its keys in the order they have."""
    digest = hashlib.sha256(json.dumps(description, allow_nan=False).encode()).hexdigest()
    return (json.dumps({"sha256": digest, **description}, allow_nan=False) + "\n").encode()


def _from_json(file: Path, data: bytes) -> dict[str, Any]:
    try:
        description: dict[str, Any] = json.loads(data)
        # What is not written again as it stands has changed, be it only in its blanks.
        del description["sha256"]
        intact = _to_json(description) == data
    except (ValueError, LookupError, TypeError, RecursionError):
        intact = False
    if not intact:
        remedy = "put a copy back: the same experiment begun in another folder has the same"
        raise StoreError(str(file), [f"is damaged: not as fiveyear run wrote it; {remedy}"])
    _require_sound(str(file), description)
    return description


def _require_sound(title: str, description: Mapping[str, Any]) -> None:
    """Raise StoreError if rows and chunk, which are all that a store reads, are not what they must be."""
    faults = []
    for key in ("rows", "chunk"):
        value = description.get(key)
        if type(value) is not int or not 1 <= value <= MOST_ROWS:
            faults.append(f"{key}: is {value!r:.60}, expected a whole number from 1 to {MOST_ROWS}")
    if not faults and -(-description["rows"] // description["chunk"]) > MOST_CHUNKS:
        rows, chunk = description["rows"], description["chunk"]
        faults.append(f"chunk: {chunk} of {rows} rows makes more than {MOST_CHUNKS:,} files; expected larger chunks")
    if faults:
        raise StoreError(title, faults)


_NOTHING = object()


def _require_same(folder: Path, there: Mapping[str, Any], here: Mapping[str, Any], where: str) -> None:
    faults = [f"{key}: is {a} in the folder, {b} {where}" for key, a, b in _differences(there, here, "")]
    if faults:
        more = [f"and {len(faults) - LISTED} keys more"] if len(faults) > LISTED else []
        remedy = "; another experiment, or another version of the programs, needs another folder"
        listed = [*faults[:LISTED], *more]
        raise StoreError(str(folder / DESCRIPTION), [*listed[:-1], listed[-1] + remedy])


def _differences(there: Any, here: Any, key: str) -> Iterator[tuple[str, str, str]]:
    """Give the keys by which two JSON values differ, with what stands there and here."""
    if isinstance(there, Mapping) and isinstance(here, Mapping):
        for name in [*there, *(n for n in here if n not in there)]:
            below = f"{key}.{name}" if key else name
            yield from _differences(there.get(name, _NOTHING), here.get(name, _NOTHING), below)
    elif isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        for i, (first, other) in enumerate(zip(there, here, strict=True)):
            yield from _differences(first, other, f"{key}.{i}")
    elif _shown(there) != _shown(here):
        yield key, _short(there), _short(here)


def _shown(value: Any) -> str:
    return "not there" if value is _NOTHING else json.dumps(value, sort_keys=True)


def _short(value: Any) -> str:
    shown = _shown(value)
    if isinstance(value, list | dict) and len(shown) > 60:
        return f"{len(value)} entries"
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


# -- the file system ----------------------------------------------------------------------------------------
def _flush(folder: Path) -> None:
    """Make sure that the names in a folder outlive a loss of power."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EACCES, errno.EROFS):  # some file systems cannot, some need not
            raise WriteError(f"{folder}: cannot be written: {error.strerror}") from None


def _lock(folder: Path) -> None:
    """Keep other processes from writing into the folder until this one ends; raises ExistsError if one does already.

    Without that a resume would remove what a run that is still alive is just writing.
    """
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise WriteError(f"{folder}: cannot be written: {error.strerror}") from None
    status = os.fstat(handle)
    key = (status.st_dev, status.st_ino)
    if key in _locked:
        os.close(handle)
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _locked[key] = handle
    except BlockingIOError:
        os.close(handle)
        raise ExistsError(f"{folder}: another run is writing there; wait for its end, or end it") from None
    except OSError:
        os.close(handle)  # a file system that knows no locks

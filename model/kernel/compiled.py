"""Generated code as a file in the user's cache, named by its content, so that compiling is paid once.

numba keeps the machine code beside the file, as pickles: whoever can write there can run code. So a folder that is not
the user's own, or that others may write to, is not used; without a cache, kernels are compiled for the process alone.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import importlib.util
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

FOLDER = "fiveyear"


@functools.cache
def compiled(text: str) -> Callable[..., None]:
    """Give the function ``run`` of generated code."""
    name = f"kernel_{_digest(text)}"
    file = _folder() / f"{name}.py"
    if not file.is_file() or file.read_bytes() != text.encode():
        _write(file, text)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where numba looks for it when it reads machine code back
    spec.loader.exec_module(module)
    run: Callable[..., None] = module.run
    return run


def _digest(text: str) -> str:
    import numba

    return hashlib.sha256(f"{numba.__version__}\n{text}".encode()).hexdigest()[:32]


@functools.cache
def _folder() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(root, FOLDER)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_private(folder) and os.access(folder, os.W_OK):
            return folder
    except (OSError, RuntimeError):
        pass
    folder = Path(tempfile.mkdtemp(prefix="fiveyear-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _is_private(folder: Path) -> bool:
    found = folder.stat()
    others = stat.S_IWGRP | stat.S_IWOTH
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & others


def _write(file: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".py")
    with os.fdopen(handle, "wb") as stream:
        stream.write(text.encode())
    Path(name).replace(file)

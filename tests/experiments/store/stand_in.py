"""A program with a stand-in for the computation: ``stand_in.py FOLDER [--workers N] [--resume] ...``.

The real command line with all its ways to end, but chunks that cost what a test wants, and workers that start at once.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def compute(description: Mapping[str, Any], start: int, stop: int) -> bytes:
    """Give bytes that depend on the description and on each row; take the time it says; die if a file tells so."""
    time.sleep(description.get("seconds", 0))
    for told in description.get("killers", []):
        if (path := Path(told)).exists():
            if description.get("once", True):
                try:
                    path.unlink()
                except FileNotFoundError:  # another worker was first
                    continue
            os.kill(os.getpid(), signal.SIGKILL)
    if description.get("refuse") in range(start, stop):
        from fiveyear.model.errors import InputError

        raise InputError("the stand-in", [f"row {description['refuse']}: is refused"])
    seed = str(description["seed"]).encode()
    return b"".join(hashlib.sha256(seed + str(row).encode()).digest() for row in range(start, stop))


def describe(rows: int = 20, chunk: int = 3, **others: Any) -> dict[str, Any]:
    return {"rows": rows, "chunk": chunk, "seed": 2011, **others}


if __name__ == "__main__":
    import importlib
    import json
    import sys
    from typing import Annotated

    import typer

    from fiveyear.experiments import command_line
    from fiveyear.experiments.store import runner
    from fiveyear.experiments.store.store import Store

    task = importlib.import_module("stand_in").compute  # workers know nothing of the script that starts them

    @command_line.app.command("stand-in")
    def stand_in(
        folder: Path,
        workers: Annotated[int, typer.Option()] = 2,
        resume: Annotated[bool, typer.Option()] = False,
        scheduler: Annotated[str | None, typer.Option()] = None,
        description: Annotated[str, typer.Option()] = "{}",
    ) -> None:
        store = Store.create(folder, describe(**json.loads(description)), resume)
        if scheduler is None:
            runner.run(store, task, store.missing(), workers)
            return
        with runner.scheduler(scheduler) as (executor, count):
            runner.run(store, task, store.missing(), count, executor)

    sys.argv.insert(1, "stand-in")
    command_line.main()

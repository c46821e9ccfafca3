"""The looks at the scores: each is kept, so that whoever reads a score knows how often somebody could have tuned to it.

A look is one method at one origin, or at several, against one set of facts. The same look may be had again and again;
with a method that has changed it is another one, which is only had once it is put on record.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

from fiveyear.calibration.errors import CalibrationError
from fiveyear.calibration.user_folder import user_folder
from fiveyear.experiments.console.files import remove_abandoned, write_whole
from fiveyear.experiments.page.comma_separated import write_records
from fiveyear.model import ordinary_files
from fiveyear.model.errors import InputError
from fiveyear.scenarios import load_plan

from .backtest import Backtest
from .scoreboard import Scoreboard

LARGEST = 2 * 1024**2  # bytes; a look takes some 100


@dataclass(frozen=True)
class Look:
    """Who looks sees the scores of a method, from an origin, against facts: the last two are hashes.

    Two are equal if they show the same.
    """

    date: str = field(compare=False)
    plan: str
    origin: str  # a year, or the first and the last of several
    horizon: int
    method: str
    facts: str
    changed: str = field(compare=False)  # since the look before; nothing if this is to be no new look


COLUMNS = tuple(f.name for f in fields(Look))


def ledger(name: str) -> list[Path]:
    """Give the files of looks at a plan, the last for new ones: its folder's, or the user's if that is shipped."""
    plan = load_plan(name)
    own = [user_folder() / f"looks_{plan.name}.csv"] if plan.named else []
    return [plan.folder / "looks.csv", *own]


def at(evaluation: Backtest | Scoreboard, changed: str) -> Look:
    """Give the look of today at the scores of a method."""
    today = dt.date.today().isoformat()
    if isinstance(evaluation, Scoreboard):
        of = evaluation
        return Look(today, load_plan(of.plan).name, of.name, of.horizons[-1], of.method, of.facts, changed)
    method = evaluation.method
    of_method = method.plan.name, str(method.plan.base_year), len(method.years), method.fingerprint
    return Look(today, *of_method, evaluation.facts_fingerprint, changed)


def read(file: Path) -> list[Look]:
    """Read the looks so far, none without a file; raises CalibrationError with every faulty row."""
    try:
        reader = csv.DictReader(io.StringIO(ordinary_files.read(file, LARGEST).decode("utf-8"), newline=""))
        rows: list[dict[str, Any]] = list(reader)
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise CalibrationError(str(file), [f"cannot be read: {reason}"]) from None
    columns = tuple(reader.fieldnames or ())
    if columns != COLUMNS:
        raise CalibrationError(str(file), [f"columns are {', '.join(columns)}; expected {', '.join(COLUMNS)}"])
    faults = [
        f"row {n}: expected {len(COLUMNS)} entries, of which origin is a year or two and horizon a whole number"
        for n, row in enumerate(rows, start=2)
        if set(row) != set(COLUMNS)
        or None in row.values()
        or not re.fullmatch("[0-9]{4}(-[0-9]{4})?,[0-9]+", f"{row['origin']},{row['horizon']}")
    ]
    if faults:
        raise CalibrationError(str(file), faults)
    return [Look(**row | {"horizon": int(row["horizon"])}) for row in rows]


def have(files: Sequence[Path], this: Look) -> list[Look]:
    """Give all looks at this plan, with this one on record: as before, or from now on if it says what has changed.

    Raises InputError if it is a new one and does not say so, WriteError if it cannot be kept.
    """
    *earlier, file = files
    before, looks = [look for other in earlier for look in read(other)], read(file)
    if this not in [*before, *looks]:
        if not this.changed:
            so_far = sum((look.plan, look.origin) == (this.plan, this.origin) for look in [*before, *looks])
            fault = (
                f"{so_far} looks are on record in {file}, none at this method ({this.method}) against these facts "
                f'({this.facts}): --look "what has changed since the last" puts one more on record and shows it'
            )
            raise InputError(f"a look at the scores from {this.origin}", [fault])
        looks.append(this)
        file.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(file.parent)
        write_whole(file, partial(write_records, [asdict(look) for look in looks]))
    return [look for look in [*before, *looks] if look.plan == this.plan]

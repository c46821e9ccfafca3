"""Altered facts, records of targets and priors: the files of a plan that are not about the plan itself."""

from __future__ import annotations

import copy
import csv
import io
import math
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, cast
from unittest.mock import patch

from fiveyear.calibration import facts as fact_tables
from fiveyear.calibration.priors import read_priors
from fiveyear.experiments import command_line
from fiveyear.experiments.backtest import backtest
from fiveyear.model import Unit, UnitError
from fiveyear.scenarios import load_plan

from .case import EQUAL, OTHER, Case, Ended, Expected, captured, say
from .slips import SLIPS
from .toml_cases import meaning, same, within
from .toml_text import DAMAGED, WRITTEN, toml
from .valid_files import OF_PLAN, PLANS, Content

FACTS, PRIORS, RECORD = "observed.csv", "priors.toml", "record_of_targets.csv"
ANY_YEAR = 9999

Rows = list[list[str]]  # with the heading
Read = Callable[[Path], object]  # the file -> what it is read as


# -- where they are read ------------------------------------------------------------------------------------
@contextmanager
def calibration_folder(folder: Path) -> Iterator[None]:
    """Let the folders of shipped plans lie in another folder than the package's."""
    with patch("fiveyear.scenarios.shipped.PLANS", folder):
        yield


def _in_plan(name: str, plan: str, data: bytes, label: str, expected: Expected) -> Case:
    """Give the case of a file in a plan's folder, which ``scenario show`` reads first of all."""

    def prepare(folder: Path) -> None:
        for other in PLANS.values():
            ignored = shutil.ignore_patterns("*.py", "__pycache__", *([name] if other.name == plan else []))
            shutil.copytree(other.folder, folder / other.name, dirs_exist_ok=True, ignore=ignored)

    def run(words: tuple[str, ...], folder: Path) -> Ended:
        with calibration_folder(folder):
            return say(words, folder)

    return Case(label, ("scenario", "show", OF_PLAN[plan]), expected, {f"{plan}/{name}": data}, prepare, run)


def _by_reader(name: str, data: bytes, label: str, expected: Expected, read: Read, words: tuple[str, ...]) -> Case:
    """Give the case of a file that a long command reads: here by its reader alone."""

    def run(words: tuple[str, ...], folder: Path) -> Ended:
        def call() -> None:
            try:
                read(folder / name)
            except ValueError as error:
                raise SystemExit(command_line._exit_code(error)) from None

        return captured(call)

    return Case(label, words, expected, {name: data}, run=run)


# -- tables -------------------------------------------------------------------------------------------------
def rows_of(data: bytes) -> Rows:
    """Give the rows of a table."""
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))


def csv_of(rows: Rows, quoting: int = csv.QUOTE_MINIMAL, delimiter: str = ",") -> bytes:
    """Write a table."""
    stream = io.StringIO()
    csv.writer(stream, quoting=cast(Any, quoting), lineterminator="\n", delimiter=delimiter).writerows(rows)
    return stream.getvalue().encode()


def _full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in text)


def _underscored(text: str) -> str:
    return re.sub(r"(\d)(\d)", r"\1_\2", text, count=1) if re.search(r"\d\d", text) else f"{text}_0"


NOT_NUMBERS: dict[str, Callable[[str], str]] = {
    "an underscore in a number": _underscored,
    "full-width digits": _full_width,
    "a comma for the point": lambda text: text.replace(".", ",") if "." in text else f"{text},5",
    "a number that is not finite": lambda _: "nan",
    "a number beyond all numbers": lambda _: "1e999",
    "no number": lambda _: "n/a",
    "a hexadecimal number": lambda _: "0x1F",
    "a number with a unit": lambda text: f"{text} %",
    "a number in two": lambda text: f"{text} {text}",
}

#: What damages a table as a whole. The place is the file.
SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "an empty file": lambda _: b"",
    "a heading alone": lambda data: data.splitlines(keepends=True)[0],
    "no heading": lambda data: b"".join(data.splitlines(keepends=True)[1:]),
    "semicolons for commas": lambda data: csv_of(rows_of(data), delimiter=";"),
    "tabs for commas": lambda data: csv_of(rows_of(data), delimiter="\t"),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "a byte that is no UTF-8": lambda data: data[:-20] + b"\xff" + data[-20:],
    "a NUL": lambda data: data[:-20] + b"\0" + data[-20:],
    "a web page": lambda _: b"<!DOCTYPE html>\n<html></html>",
    "a spreadsheet": lambda _: b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00",
    "a picture": lambda _: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "a scenario": lambda _: b'title = "T"\nextends = "plan"\nexpect = "x"\n',
}

#: Ways to write the same table.
REWRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "line ends of Windows": lambda data: data.replace(b"\n", b"\r\n"),
    "no line end at the end": lambda data: data.rstrip(b"\n"),
    "empty lines at the end": lambda data: data + b"\n\n",
    "all in quotes": lambda data: csv_of(rows_of(data), csv.QUOTE_ALL),
    "rows in another order": lambda data: csv_of([rows_of(data)[0], *rows_of(data)[:0:-1]]),
}


class Change(NamedTuple):
    """One thing done to a row: what, and the row then."""

    label: str
    row: list[str]


# -- facts --------------------------------------------------------------------------------------------------
@cache
def _shipped(plan: str, name: str) -> bytes:
    return (PLANS[plan].folder / name).read_bytes()


@cache
def _series() -> dict[str, str]:
    """Give the unit of every series of facts that is shipped."""
    return {row[0]: row[3] for plan in PLANS for row in rows_of(_shipped(plan, FACTS))[1:]}


COLUMNS = ("series", "year", "value", "unit", "sd", "rounding", "vintage", "first_published", "source", "status")


def bad_facts(row: Sequence[str]) -> Iterator[Change]:
    """Yield what makes a row of facts wrong."""
    fact = dict(zip(COLUMNS, row, strict=True))
    growing, bound = fact["unit"] == "%/year", fact["value"][0] in "<>"

    def put(label: str, **entries: str) -> Change:
        return Change(label, list((fact | entries).values()))

    series = fact["series"]
    for wrong in (series[:-1], series + "s", series.replace("_", "-") + "x", series.upper(), ""):
        yield put("a series that there is not", series=wrong)
    for wrong in ("20O5", _full_width(fact["year"]), fact["year"][1:], f"{fact['year']}.0", "2015", "soon", ""):
        yield put("a year that is none", year=wrong)
    for label, other in NOT_NUMBERS.items():
        yield put(label, value=other(fact["value"]))
        yield put(label, sd=other(fact["sd"]))
        if fact["rounding"]:
            yield put(label, rounding=other(fact["rounding"]))
    if not bound:
        yield put("a zero too many, and seven more", value=f"{float(fact['value']) * 1e8:.6g}")
        if not growing:
            yield put("a minus", value=f"-{fact['value']}")
            yield put("nothing of a thing", value="0")
            yield put("a unit a hundred million times too small", value=f"{float(fact['value']) * 1e-8:.6g}")
        if fact["unit"] == "%":
            yield put("more than all", value="900")
        if fact["unit"] == "100M yuan":
            yield put("a number in another unit than it says", unit="yuan")
    for unit in ("furlong", "person^3", "person/", "", "０"):
        yield put("a unit that does not fit", unit=unit)
    yield put("a unit of something else", unit="person" if "yuan" in fact["unit"] else "yuan")
    for sd in ("-1", "0"):
        yield put("an error of nothing or less", sd=sd)
    if not bound:
        for rounding in ("-1", "0"):
            yield put("a rounding of nothing or less", rounding=rounding)
    for month in ("2011-13", "2011", "11-07", "2011/07", "July 2011", _full_width("2011-07"), ""):
        yield put("a month that is none", first_published=month)
    yield put("known before it was", first_published=f"{int(fact['year']) - 1}-05")
    yield put("no source", source="")
    for status in ("Seen", "known", "recaled", ""):
        yield put("a word that is not known", status=status)
    yield Change("an entry missing", list(row[:-1]))
    yield Change("an entry too many", [*row, "x"])


def _good_facts(row: Sequence[str]) -> Iterator[Change]:
    """Yield what gives a row of facts another meaning, which is its to have."""
    fact = dict(zip(COLUMNS, row, strict=True))
    yield Change("another source", list((fact | {"source": "another yearbook"}).values()))
    yield Change("another error", list((fact | {"sd": f"{float(fact['sd']) * 1.5:.4g}"}).values()))
    if fact["value"][0] in "<>":
        return
    step = Decimal(fact["rounding"]) if fact["rounding"] else Decimal(fact["value"]) / 100
    yield Change("another number", list((fact | {"value": str(Decimal(fact["value"]) + step)}).values()))


_OTHER_UNITS = {
    "100M yuan": ("1M yuan", 100.0),
    "10k person": ("person", 1e4),
    "%": ("share", 0.01),
    "person": ("10k person", 1e-4),
}


def facts_case(random: Random) -> Case:
    """Give altered facts, of the one plan or the other."""
    plan = random.choice(list(PLANS))
    return _facts(plan, random, lambda data, label, expected: _in_plan(FACTS, plan, data, label, expected))


def scored_case(random: Random) -> Case:
    """Give an altered file of later facts, as ``backtest --scored`` takes it."""

    def build(data: bytes, label: str, expected: Expected) -> Case:
        class Method:
            plan = load_plan("eleventh")

        def read(file: Path) -> object:
            return backtest.read_later(cast(Any, Method), file)

        return _by_reader(FACTS, data, label, expected, read, ("backtest", "--scored", FACTS))

    return _facts("twelfth", random, build, ANY_YEAR)


def _facts(plan: str, random: Random, build: Callable[[bytes, str, Expected], Case], last_year: int = 0) -> Case:
    last_year = last_year or PLANS[plan].base_year
    original = _shipped(plan, FACTS)

    def read(data: bytes, folder: Path) -> Any:
        file = folder / "again.csv"
        file.write_bytes(data)
        facts = fact_tables.read_facts(file, last_year, PLANS[plan].model)
        chosen = fact_tables.known_by(facts, "2011-12")
        return [sorted(map(_fact, facts)), [_fact(chosen[s][y]) for s in sorted(chosen) for y in sorted(chosen[s])]]

    def alike(data: bytes, tolerance: float = 0.0) -> Expected:
        def holds(ended: Ended, folder: Path) -> str:
            return (
                "" if same(meaning(read(data, folder)), meaning(read(original, folder)), tolerance) else "other facts"
            )

        return Expected(refused=False, taken_as=EQUAL, holds=holds)

    def as_written(data: bytes, refused: bool) -> Expected:
        written = sorted(_written(row) for row in rows_of(data)[1:] if row)

        def holds(ended: Ended, folder: Path) -> str:
            taken = [f[:-1] for f in read(data, folder)[0]]
            return "" if same(meaning(taken), meaning([w[:-1] for w in written]), 1e-12) else "other facts than written"

        return Expected((FACTS,), refused=refused, taken_as=OTHER, holds=holds)

    how = random.choices(["bad", "good", "spoilt", "rewritten", "unit", "table", "slip"], [50, 8, 8, 8, 5, 6, 15])[0]
    rows = rows_of(original)
    place = random.randrange(1, len(rows))
    if how == "spoilt":
        label = random.choice(list(SPOILT))
        return build(SPOILT[label](original), label, Expected((FACTS,)))
    if how == "rewritten":
        label = random.choice(list(REWRITTEN))
        data = REWRITTEN[label](original)
        return build(data, label, alike(data))
    if how == "table":
        label = random.choice(["a row twice", "columns in another order", "a column called otherwise", "a column lost"])
        if label == "a row twice":
            return build(csv_of([*rows, rows[place]]), label, Expected((FACTS,), (f"row {len(rows) + 1}:",)))
        column = random.randrange(1, len(COLUMNS))
        if label == "columns in another order":
            rows = [[*row[column:], *row[:column]] for row in rows]
        elif label == "a column lost":
            rows = [[*row[:column], *row[column + 1 :]] for row in rows]
        else:
            rows[0][column] = rows[0][column].capitalize()
        return build(csv_of(rows), label, Expected((FACTS,), ("columns",)))
    if how == "unit":
        fact = dict(zip(COLUMNS, rows[place], strict=True))
        unit, factor = _OTHER_UNITS.get(fact["unit"], (fact["unit"], 1.0))
        for key in ("value", "sd", "rounding"):
            fact[key] = repr(float(fact[key]) * factor) if fact[key] and fact[key][0] not in "<>" else fact[key]
        rows[place] = list((fact | {"unit": unit}).values())
        data = csv_of(rows)
        return build(data, "a unit and its numbers in another", alike(data, 1e-12))
    if how == "slip":
        label = random.choice([name for name in SLIPS if name != "a long number"])
        data = SLIPS[label](original, random)
        try:
            changed = rows_of(data)
            valid = all(_valid(row, last_year) for row in changed[1:] if row) and changed[0] == list(COLUMNS)
        except (ValueError, csv.Error, IndexError):
            valid = False
        if not valid:
            return build(data, label, Expected((FACTS,)))
        if [row for row in changed if row] == rows:
            return build(data, label, alike(data))
        return build(data, label, as_written(data, refused=True))
    found = list((bad_facts if how == "bad" else _good_facts)(rows[place]))
    label = random.choice(sorted({change.label for change in found}))
    rows[place] = random.choice([change for change in found if change.label == label]).row
    data = csv_of(rows)
    if how == "good":
        return build(data, label, as_written(data, refused=False))
    return build(data, label, Expected((FACTS,), (f"row {place + 1}:",)))


_NUMBER = r"[-+]?\d+(\.\d*)?([eE][-+]?\d{1,2})?"


def _valid(row: Sequence[str], last_year: int) -> bool:
    """Tell whether a row is one of facts, by rules written down here anew; a number may yet be implausible."""
    fact = dict(zip(COLUMNS, row, strict=False))
    return (
        len(row) == len(COLUMNS)
        and fact["series"] in _series()
        and _is_unit(fact["unit"])
        and re.fullmatch(r"[12]\d{3}", fact["year"], re.ASCII) is not None
        and int(fact["year"]) <= last_year
        and re.fullmatch(rf"([<>]=)?{_NUMBER}", fact["value"], re.ASCII) is not None
        and re.fullmatch(_NUMBER, fact["sd"], re.ASCII) is not None
        and re.fullmatch(rf"({_NUMBER})?", fact["rounding"], re.ASCII) is not None
        and re.fullmatch(r"[12]\d{3}-(0[1-9]|1[0-2])", fact["first_published"], re.ASCII) is not None
        and fact["status"] in ("seen", "recalled", "derived", "plan")
    )


def _is_unit(text: str) -> bool:
    try:
        Unit.parse(text)
    except UnitError:
        return False
    return True


def _fact(fact: Any) -> list[Any]:
    """Give what a fact says, in base units; its source last."""
    factor = Unit.parse(fact.unit).scale
    numbers = [fact.value * factor, fact.sd * factor, fact.rounding * factor]
    return [fact.series, fact.year, fact.vintage, fact.first_published, fact.status, *numbers, fact.source]


def _written(row: Sequence[str]) -> list[Any]:
    """Give what a row says, in base units, read anew."""
    fact = dict(zip(COLUMNS, row, strict=True))
    factor = Unit.parse(fact["unit"]).scale
    bound = fact["value"][:2] if fact["value"][0] in "<>" else ""
    rounding = {"": float(fact["rounding"] or 0.0) * factor, ">=": math.inf, "<=": -math.inf}[bound]
    numbers = [float(fact["value"][len(bound) :]) * factor, float(fact["sd"]) * factor, rounding]
    return [
        fact["series"],
        int(fact["year"]),
        fact["vintage"],
        fact["first_published"],
        fact["status"],
        *numbers,
        fact["source"],
    ]


# -- record of targets --------------------------------------------------------------------------------------
RECORD_COLUMNS = (
    "indicator",
    "plan",
    "years",
    "base",
    "target",
    "outcome",
    "unit",
    "first_published",
    "source",
    "status",
)


def record_case(random: Random) -> Case:
    """Give an altered record of what earlier plans delivered."""
    original = _shipped("twelfth", RECORD)
    rows = rows_of(original)

    def read(file: Path) -> list[float]:
        return [r.share for r in fact_tables.read_records(file, PLANS["twelfth"].model)]

    def build(data: bytes, label: str, expected: Expected) -> Case:
        return _by_reader(RECORD, data, label, expected, read, ("reach", "plan"))

    def as_written(data: bytes, taken_as: str) -> Expected:
        shares = []
        for row in rows_of(data)[1:]:
            told = dict(zip(RECORD_COLUMNS, row, strict=False))
            if row and told["indicator"] == "rd_intensity" and told["first_published"] <= "2011-07":
                base, target, outcome = (float(told[key]) for key in ("base", "target", "outcome"))
                shares.append((outcome - base) / (target - base))

        def holds(ended: Ended, folder: Path) -> str:
            taken = read(folder / RECORD)
            return "" if same(sorted(taken), sorted(shares), 1e-12) else f"read as {taken}, says {shares}"

        return Expected(refused=False, taken_as=taken_as, holds=holds)

    place = random.randrange(1, len(rows))
    told = dict(zip(RECORD_COLUMNS, rows[place], strict=True))
    how = random.choices(["bad", "good", "spoilt", "rewritten"], [65, 12, 12, 11])[0]
    if how == "spoilt":
        label = random.choice([name for name in SPOILT if name != "a heading alone"])
        return build(SPOILT[label](original), label, Expected((RECORD,)))
    if how == "rewritten":
        label = random.choice(list(REWRITTEN))
        data = REWRITTEN[label](original)
        return build(data, label, as_written(data, EQUAL))
    if how == "good":
        key = random.choice(["outcome", "source"])
        rows[place] = list((told | {key: "another" if key == "source" else f"{float(told[key]) * 1.02:.4g}"}).values())
        data = csv_of(rows)
        return build(data, f"another {key}", as_written(data, OTHER))
    changes: list[tuple[str, dict[str, str]]] = [
        *(
            (label, {key: other(told[key])})
            for label, other in NOT_NUMBERS.items()
            for key in ("base", "target", "outcome")
        ),
        *(("an indicator that there is not", {"indicator": wrong}) for wrong in ("rd_intensty", "RD_intensity", "")),
        *(("a minus", {key: f"-{told[key]}"}) for key in ("base", "target", "outcome")),
        *(("more than all", {key: "900"}) for key in ("base", "target", "outcome")),
        ("a target that is the base", {"target": told["base"]}),
        *(("a unit that does not fit", {"unit": unit}) for unit in ("furlong", "person", "")),
        *(
            ("a month that is none", {"first_published": month})
            for month in ("2011-13", "2011", "July 2011", _full_width("2011-07"), "")
        ),
        *(("a word that is not known", {"status": status}) for status in ("Seen", "known", "")),
        ("no source", {"source": ""}),
    ]
    label = random.choice(sorted({label for label, _ in changes}))
    entries = random.choice([entries for of, entries in changes if of == label])
    rows[place] = list((told | entries).values())
    return build(csv_of(rows), label, Expected((RECORD,), (f"row {place + 1}:",)))


# -- priors -------------------------------------------------------------------------------------------------
def bad_priors(content: Content) -> Iterator[tuple[str, tuple[str, ...], Callable[[Content], object]]]:
    """Yield what makes priors wrong: what is done, the keys of the place, and the change."""

    def put(label: str, keys: tuple[str, ...], value: Any) -> tuple[str, tuple[str, ...], Callable[[Content], object]]:
        def change(changed: Content) -> None:
            table = changed
            for key in keys[:-1]:
                table = table[key]
            if value is None:
                del table[keys[-1]]
            else:
                table[keys[-1]] = value

        return label, keys, change

    def rename(keys: tuple[str, ...], name: str) -> tuple[str, tuple[str, ...], Callable[[Content], object]]:
        def change(changed: Content) -> None:
            table = changed[keys[0]]
            table[name] = table.pop(keys[1])

        return "a name that the model does not have", (keys[0], name), change

    whole = load_plan("twelfth").model
    for group in ("parameters", "surprises", "outlook", "past"):
        for name, table in content.get(group, {}).items():
            keys: tuple[str, ...] = (group, name)
            yield rename(keys, f"{name}y")
            yield put("a table that is none", keys, "x")
            if group == "past":
                table, keys = table["growth"], (*keys, "growth")
            yield put("a key that no table has", (*keys, "colour"), 1)
            yield put("a unit that does not fit", (*keys, "unit"), "person^3")
            yield put("a unit that does not fit", (*keys, "unit"), "furlong")
            given = "source" if "source" in table else "assumed"
            yield put("both source and assumed", (*keys, "assumed" if given == "source" else "source"), "x")
            yield put("neither source nor assumed", (*keys, given), None)
            for key, value in table.items():
                if isinstance(value, float | int):
                    yield put("a text for a number", (*keys, key), str(value))
                    yield put("a truth for a number", (*keys, key), True)
                    yield put("a number that is not finite", (*keys, key), random_of_nan(key))
                    yield put("a key that is missing", (*keys, key), None)
                    if key in ("sd", "sigma", "median", "yearly_sd", "epoch_sd", "retained_sd"):
                        yield put("nothing or less", (*keys, key), -0.5 if key == "yearly_sd" else -1.0)
            if "distribution" in table:
                yield put("a word that is not known", (*keys, "distribution"), "gaussian")
                yield put("a key that is missing", (*keys, "distribution"), None)
            if table.get("distribution") == "uniform":
                yield put("a range that is upside down", (*keys, "low"), table["high"] + 1.0)
            declared = (whole.parameters if group == "parameters" else whole.series).get(name)
            if "median" in table and group != "past" and declared is not None:
                yield put("far outside what can be", (*keys, "median"), declared.high * 1e8)
            if group == "outlook":
                yield put("a name that there is not", (*keys, "follows"), "no_such_series")
                yield put("a number outside its bounds", (*keys, "autocorrelation"), 1.5)
    for name in content["information_sets"]:
        for month in ("2011-13", "July 2011", "2011", 2011, _full_width("2011-07")):
            yield put("a month that is none", ("information_sets", name), month)
        yield put("a word that is not known", ("information_sets", name), {"by": "2011-07", "statuses": ["sen"]})
        yield put("a loop that there is not", ("information_sets", name), {"by": "2011-07", "cuts": ["R99"]})
    yield put("a key that no table has", ("colour",), 1)
    for group in ("parameters", "surprises", "outlook", "information_sets"):
        yield put("a key that is missing", (group,), None)


def random_of_nan(key: str) -> float:
    """Give one of the numbers that are not finite, by the letters of a key."""
    return (math.nan, math.inf, -math.inf)[len(key) % 3]


def priors_case(random: Random) -> Case:
    """Give altered priors, of the one plan or the other."""
    plan = random.choice(list(PLANS))
    content = tomllib.loads(_shipped(plan, PRIORS).decode())
    original = toml(content).encode()

    def build(data: bytes, label: str, expected: Expected) -> Case:
        return _in_plan(PRIORS, plan, data, label, expected)

    def as_written(said: Content, taken_as: str, refused: bool = False) -> Expected:
        def holds(ended: Ended, folder: Path) -> str:
            taken = read_priors(folder / plan / PRIORS, load_plan("twelfth").model).model_dump()
            sets = {n: {"by": s} if isinstance(s, str) else s for n, s in said["information_sets"].items()}
            return "" if within({**said, "information_sets": sets}, taken) else f"read as {taken}"

        return Expected((PRIORS,), refused=refused, taken_as=taken_as, holds=holds)

    how = random.choices(["bad", "good", "damaged", "written", "slip"], [55, 10, 5, 10, 20])[0]
    if how == "damaged":
        label = random.choice(list(DAMAGED))
        return build(DAMAGED[label](original), label, Expected((PRIORS,)))
    if how == "written":
        label = random.choice(list(WRITTEN))
        return build(WRITTEN[label](content), label, as_written(content, EQUAL))
    if how == "slip":
        label = random.choice(list(SLIPS))
        data = SLIPS[label](original, random)
        try:
            said = tomllib.loads(data.decode().removeprefix("\ufeff"))
        except (ValueError, RecursionError):
            return build(data, label, Expected((PRIORS,)))
        if said == content:
            return build(data, label, as_written(said, EQUAL))
        return build(data, label, as_written(said, OTHER, refused=True))
    changed = copy.deepcopy(content)
    if how == "good":
        name = random.choice([n for n, t in content["parameters"].items() if "sigma" in t])
        changed["parameters"][name]["sigma"] *= 1.1
        return build(toml(changed).encode(), "another number", as_written(changed, OTHER))
    found = list(bad_priors(content))
    wanted = random.choice(sorted({label for label, _, _ in found}))
    label, keys, change = random.choice([one for one in found if one[0] == wanted])
    change(changed)
    place = ".".join(keys)
    shorter = ".".join(keys[:-1])  # a table of two kinds, or one of source and assumed
    return build(toml(changed).encode(), label, Expected((PRIORS,), (place, f"{shorter}:") if shorter else (place,)))

"""Altered results: the files of `run` and of `reach --out`, and the folders of experiments."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import xarray as xr
from scipy.io import netcdf_file

from fiveyear.experiments.console.files import write_netcdf
from fiveyear.experiments.forecast.ensemble import ensemble
from fiveyear.experiments.reach.answer import reach
from fiveyear.experiments.store.run import described
from fiveyear.scenarios import load_scenario

from .case import EQUAL, OTHER, Case, Ended, Expected, say

EXPERIMENT = """\
title = "Small"
scenarios = ["plan", "behavioural"]
draws = 12
outputs = ["rd_intensity", "technology_market_value", "civic_scientific_literacy"]
keep = "{keep}"
"""
CHUNK = 6
DESCRIPTION = "experiment.json"
Content = dict[str, Any]
Files = dict[str, bytes]


# -- valid ones ---------------------------------------------------------------------------------------------
@cache
def file_of(maker: str) -> bytes:
    """Give the file that ``run`` or ``reach --out`` writes of a scenario with few draws."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        if maker == "run":
            _done(say(("run", "behavioural", "--draws", "24", "--out", str(folder / "x.nc")), folder))
        else:
            one = ensemble(load_scenario("behavioural"), None, 2011)
            dataset = described(one, reach(one, 24).dataset)
            write_netcdf(dataset, folder / "x.nc", one.scenario.title, "reach")  # as `reach --out` does
        return (folder / "x.nc").read_bytes()


@cache
def store_of(keep: str) -> Files:
    """Give the files of the store of a small experiment."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        (folder / "small.toml").write_text(EXPERIMENT.format(keep=keep))
        _done(say(("run", str(folder / "small.toml"), "--chunk", str(CHUNK), "--out", str(folder / "st")), folder))
        return {f"st/{file.name}": file.read_bytes() for file in sorted((folder / "st").iterdir())}


def _done(ended: Ended) -> None:
    if ended.code:
        raise RuntimeError(ended.err)


# -- what they say ------------------------------------------------------------------------------------------
def chances(values: Mapping[str, np.ndarray[Any, Any]], description: Content) -> list[dict[str, float]]:
    """Give the share of draws that meet each target of the last year, case by case, counted anew.

    Without targets that every year must meet, and those of which the plan has it that no probability is given, always
    or where a loop is cut.
    """
    found = []
    for place, case in enumerate(description["cases"]):
        rows = slice(place * description["draws"], (place + 1) * description["draws"])
        of_case = {}
        for target in description["targets"]:
            name = target["indicator"]
            if name in _untold(description["plan"], case) or target["every_year"]:
                continue
            last = values[name][rows, -1]
            met = last >= target["value"] if target["comparator"] == ">=" else last <= target["value"]
            of_case[name] = float(np.mean(met))
        found.append(of_case)
    return found


def _untold(plan: Content, case: Content) -> set[str]:
    """Give the indicators of whose targets the plan gives no probability in a case."""
    own = case["content"]["content"]
    cut = {*plan["cuts"], *own["cuts"]} - {*own["closes"]}
    never = {t["indicator"] for t in plan["targets"] if t.get("untold") and "untold_where_cut" not in t}
    return never | {t["indicator"] for t in plan["targets"] if t.get("untold_where_cut") in cut}


def _read(data: bytes) -> tuple[dict[str, np.ndarray[Any, Any]], Content]:
    """Give the values and attributes of a netCDF file, by another reader than the project's."""
    with netcdf_file(io.BytesIO(data), mmap=False) as file:
        values = {n: np.array(v.data, dtype=float) for n, v in file.variables.items()}
        attributes = {
            k: v.decode("utf-8", "replace") if isinstance(v, bytes) else v for k, v in file._attributes.items()
        }
    return values, attributes


def _shown(out: str) -> list[dict[str, float]]:
    return [case["probability"] for case in json.loads(out)["cases"]]


def _as_held(
    read: Callable[[Path], tuple[Mapping[str, Any], Content]], taken_as: str, refused: bool = False
) -> Expected:
    """Expect what is shown to be what the files hold."""

    def holds(ended: Ended, folder: Path) -> str:
        shown, counted = _shown(ended.out), chances(*read(folder))
        unlike = [
            f"{name} is {case.get(name)}, counted {chance}"
            for case, of_case in zip(shown, counted, strict=True)
            for name, chance in of_case.items()
            if case.get(name) != chance
        ]
        return "; ".join(unlike)

    return Expected(refused=refused, taken_as=taken_as, holds=holds)


# -- single files -------------------------------------------------------------------------------------------
SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "an empty file": lambda _: b"",
    "cut off": lambda data: data[: len(data) // 2],
    "its end cut off": lambda data: data[:-16],
    "a heading alone": lambda data: data[:200],
    "a scenario": lambda _: b'title = "T"\nextends = "plan"\nexpect = "x"\n',
    "a table": lambda _: b"scenario,year,value\nplan,2015,2.2\n",
    "a picture": lambda _: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "a netCDF of the fourth kind": lambda _: b"\x89HDF\r\n\x1a\n" + bytes(600),
    "a web page": lambda _: b"<!DOCTYPE html>\n<html></html>",
    "NULs": lambda data: bytes(len(data)),
    "a heading that asks for much memory": lambda data: data[:8] + b"\x7f\xff\xff\xf0" * 8 + data[40:],
    "a heading of NULs": lambda data: data[:8] + bytes(200) + data[208:],
}


def file_case(maker: str, random: Random) -> Case:
    """Give an altered file of ``run`` or ``reach --out``."""
    data = file_of(maker)
    words = ("store", "show", "mine.nc", "--json")

    def build(label: str, changed: bytes, expected: Expected) -> Case:
        return Case(label, words, expected, {"mine.nc": changed})

    def held(folder: Path) -> tuple[Mapping[str, Any], Content]:
        values, attributes = _read((folder / "mine.nc").read_bytes())
        return values, json.loads(attributes["description"])

    how = random.choices(
        ["spoilt", "flip", "values", "attribute", "description", "variable", "other"], [14, 22, 10, 10, 30, 10, 4]
    )[0]
    if how == "spoilt":
        label = random.choice(list(SPOILT))
        return build(label, SPOILT[label](data), Expected(("mine.nc",)))
    if how == "flip":
        at = random.randrange(random.choice([64, 4096, len(data)]))
        changed = data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
        return build(
            "a flipped bit", changed, Expected(("mine.nc",), taken_as=OTHER, holds=_as_held(held, OTHER).holds)
        )
    if how == "other":
        label, other = random.choice(_other_commands())
        return Case(label, other[0], other[1], {"mine.nc": data})
    dataset = xr.open_dataset(io.BytesIO(data), engine="scipy", decode_times=False).load()
    refused = Expected(("mine.nc",))
    if how == "values":
        name = random.choice(["technology_market_value", "civic_scientific_literacy", "rd_fte_per_10k_employed"])
        dataset[name] = dataset[name] * random.uniform(0.8, 1.2)
        return build("other numbers", _netcdf(dataset), _as_held(held, OTHER, refused=True))
    if how == "attribute":
        label, change = random.choice(_attributes())
        change(dataset.attrs)
        return build(label, _netcdf(dataset), refused)
    if how == "variable":
        label = random.choice(
            ["an output lost", "draws lost", "years lost", "an output called otherwise", "an output of words"]
        )
        name = random.choice(["technology_market_value", "civic_scientific_literacy"])
        if label == "an output lost":
            dataset = dataset.drop_vars(name)
        elif label == "an output called otherwise":
            dataset = dataset.rename({name: f"{name}_x"})
        elif label == "draws lost":
            dataset = dataset.isel(draw=slice(0, 20))
        elif label == "years lost":
            dataset = dataset.isel(year=slice(0, 5))
        else:
            dataset[name] = dataset[name].dims, np.full(dataset[name].shape, b"x")
        return build(label, _netcdf(dataset), refused)
    description = json.loads(dataset.attrs["description"])
    label, place, change = random.choice(_descriptions())
    change(description)
    hashed = random.random() < 0.8
    dataset.attrs["description"] = json.dumps(_hashed(description) if hashed else description)
    names = ("mine.nc",)
    return build(label, _netcdf(dataset), Expected(names, (place, "fingerprint") if not hashed else (place,)))


def _other_commands() -> list[tuple[str, tuple[tuple[str, ...], Expected]]]:
    refused = Expected(("mine.nc",))
    return [
        ("a result where a scenario is wanted", (("reach", "./mine.nc", "--draws", "5"), refused)),
        ("a result where a scenario is wanted", (("scenario", "check", "./mine.nc"), refused)),
        ("a result where a scenario is wanted", (("run", "./mine.nc", "--out", "x.nc"), refused)),
        ("a result where an XMILE file is wanted", (("model", "check", "mine.nc"), refused)),
        ("a result where a programme is wanted", (("programmes", "reach", "./mine.nc"), refused)),
        ("a result where a store is wanted", (("store", "verify", "mine.nc"), refused)),
    ]


def _netcdf(dataset: xr.Dataset) -> bytes:
    for name in dataset.variables:
        dataset[name].encoding = {"_FillValue": None}
    return bytes(dataset.to_netcdf(engine="scipy"))


def _attributes() -> list[tuple[str, Callable[[Content], object]]]:
    """Give what may be wrong with the attributes of a file."""
    return [
        ("no description", lambda attrs: attrs.pop("description")),
        ("an empty description", lambda attrs: attrs.update(description="")),
        ("a description that is no JSON", lambda attrs: attrs.update(description="{")),
        ("a description of lists in lists", lambda attrs: attrs.update(description="[" * 100_000)),
        ("a description of very many digits", lambda attrs: attrs.update(description="9" * 5000)),
        ("a description that is a list", lambda attrs: attrs.update(description="[]")),
        ("a description that is a number", lambda attrs: attrs.update(description=5)),
    ]


# -- descriptions -------------------------------------------------------------------------------------------
def _hashed(description: Content) -> Content:
    """Give a description with a fingerprint that fits, as a stranger can make it."""
    told = {k: v for k, v in description.items() if k not in ("fingerprint", "made_by", "sha256")}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return {**description, "fingerprint": digest} if "fingerprint" in description else description


Change = tuple[str, str, Callable[[Content], object]]  # what is done, the place that must be named, the change


def _descriptions() -> list[Change]:
    """Give what may be wrong with the description of a result, whose hashes may fit all the same."""

    def put(label: str, place: str, *path: Any) -> Change:
        *keys, last, value = path

        def change(description: Content) -> None:
            table: Any = description
            for key in keys:
                table = table[key]
            table[last] = value

        return label, place, change

    def drop(key: str) -> Change:
        return "a key that is missing", key, lambda description: description.pop(key)

    needed = ["schema", "rows", "draws", "keep", "years", "outputs", "attributes", "targets", "cases", "plan"]
    numbers: list[Any] = ["12", 1.5, True, -1, None, []]
    wrong: dict[str, list[Any]] = {
        "rows": [*numbers, 0, 10**15],
        "draws": [*numbers, 0, 7, 10**15],
        "seed": numbers,
        "years": [[2005, 2010], [2015, 2010, 2005], ["2005", 2010, 2015], [2005, 2010, 10**9], []],
        "outputs": [["nope"], [], "rd_intensity", [1], ["technology_market_value"] * 2],
        "attributes": [{}, [], {"technology_market_value": {}}, {"rd_intensity": "x"}],
        "targets": [{}, [1], [{}], "x"],
        "cases": [{}, [], [1], [{}], "x"],
        "plan": [{}, [], "twelfth", None],
        "keep": ["all"],
        "made_by": ["me", []],
    }
    return [
        *map(drop, needed),
        *(put("a value of another type or size", k, k, value) for k, values in wrong.items() for value in values),
        put("of another version", "schema", "schema", "fiveyear.experiment/99"),
        put("of another program", "schema", "schema", "other/1"),
        put("a target that is not the plan's", "targets", "targets", 0, "value", 0.1),
        put("a target that is not the plan's", "targets", "targets", 0, "comparator", "<="),
        put("a target that is not the plan's", "targets", "targets", 0, "indicator", "citation_rank"),
        put("a target that is not the plan's", "targets", "targets", 0, "kind", "monitoring"),
        put("a target that is no target", "targets", "targets", 0, "value", "2.2"),
        put("a plan that is none", "plan", "plan", "start", "2005"),
        put("a plan that is none", "plan", "plan", "colour", 1),
        put("a plan that is none", "plan", "plan", "targets", []),
        put("a plan that is none", "plan", "plan", "targets", 0, "unit", "furlong"),
        put("a scenario that is none", "cases", "cases", 0, "content", {}),
        put("a scenario that is none", "cases", "cases", 0, "content", "name", "../x"),
        put("a scenario that is none", "cases", "cases", 0, "content", "content", {"title": 1}),
        put("a scenario that is none", "cases", "cases", 0, "content", "content", "cuts", ["R99"]),
        put("a case that is none", "cases", "cases", 0, "scenario", 5),
        put("a case that is none", "cases", "cases", 0, "factors", "x"),
    ]


# -- stores -------------------------------------------------------------------------------------------------
def _sealed(description: Content) -> bytes:
    """Write a description with the hash of itself that a store wants, as a stranger can."""
    told = {k: v for k, v in description.items() if k != "sha256"}
    digest = hashlib.sha256(json.dumps(told, allow_nan=False).encode()).hexdigest()
    return (json.dumps({"sha256": digest, **told}, allow_nan=False) + "\n").encode()


def _renamed(name: str, data: bytes) -> str:
    return re.sub(r"[0-9a-f]{64}", hashlib.sha256(data).hexdigest(), name)


def _stranger(files: Files, description: Content) -> Files:
    """Give a store of another description, in which all hashes fit."""
    told = _hashed(description)
    found = {f"st/{DESCRIPTION}": _sealed(told)}
    for name, data in files.items():
        if name.endswith(".nc"):
            dataset = xr.open_dataset(io.BytesIO(data), engine="scipy", decode_times=False).load()
            dataset.attrs["experiment"] = told.get("fingerprint", "")
            changed = _netcdf(dataset)
            found[_renamed(name, changed)] = changed
    return found


def _held(folder: Path) -> tuple[Mapping[str, Any], Content]:
    description = json.loads((folder / "st" / DESCRIPTION).read_bytes())
    parts = [_read(file.read_bytes())[0] for file in sorted((folder / "st").glob("rows_*.nc"))]
    return {n: np.concatenate([p[n] for p in parts]) for n in description["outputs"]}, description


def store_case(random: Random) -> Case:
    """Give an altered store."""
    keep = random.choice(["draws", "draws", "summary"])
    files = store_of(keep)
    chunk = random.choice([name for name in files if name.endswith(".nc")])
    show = ("store", "show", "st", "--json")
    as_held = _as_held(_held, OTHER) if keep == "draws" else Expected(refused=False, taken_as=OTHER)

    def build(
        label: str,
        changed: Files,
        expected: Expected,
        words: tuple[str, ...] = show,
        prepare: Callable[[Path], object] = lambda folder: None,
    ) -> Case:
        return Case(label, words, expected, changed, prepare)

    how = random.choices(["flip", "stranger", "unsealed", "numbers", "folder", "alike"], [24, 34, 8, 10, 18, 6])[0]
    if how == "flip":
        name = random.choice([chunk, chunk, f"st/{DESCRIPTION}"])
        data, at = files[name], random.randrange(len(files[name]))
        changed = {**files, name: data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]}
        if name == chunk and random.random() < 0.5:
            return build("a flipped bit, by verify", changed, _found_by_verify(chunk), ("store", "verify", "st"))
        return build("a flipped bit", changed, Expected((Path(name).name,)))
    if how == "stranger":
        description = json.loads(files[f"st/{DESCRIPTION}"])
        label, place, change = random.choice(_descriptions())
        change(description)
        return build(f"all hashes made to fit: {label}", _stranger(files, description), Expected(("st",), (place,)))
    if how == "unsealed":
        description = json.loads(files[f"st/{DESCRIPTION}"])
        label, _, change = random.choice(_descriptions())
        change(description)
        changed = {**files, f"st/{DESCRIPTION}": json.dumps(description).encode()}
        return build(f"no hash made to fit: {label}", changed, Expected((DESCRIPTION,)))
    if how == "numbers":
        dataset = xr.open_dataset(io.BytesIO(files[chunk]), engine="scipy", decode_times=False).load()
        if keep == "summary":
            return build("alike", files, Expected(refused=False, taken_as=EQUAL))
        name = random.choice(["technology_market_value", "civic_scientific_literacy"])
        dataset[name] = dataset[name] * random.uniform(0.7, 1.3)
        data = _netcdf(dataset)
        changed = {**{n: d for n, d in files.items() if n != chunk}, _renamed(chunk, data): data}
        if random.random() < 0.5:
            found = Expected(refused=False, taken_as=OTHER, codes=(0, 1), holds=_reproduce_finds)
            return build("other numbers, by reproduce", changed, found, ("store", "reproduce", "st"))
        return build("other numbers, hashes made to fit", changed, as_held)
    if how == "alike":
        label, said = random.choice(
            [
                ("nothing", show),
                ("nothing, by verify", ("store", "verify", "st")),
                ("nothing, by another path", ("store", "show", "./st/", "--json")),
            ]
        )
        return build(label, files, Expected(refused=False, taken_as=EQUAL), said)
    return _folder(random, files, chunk, build)


def _reproduce_finds(ended: Ended, folder: Path) -> str:
    return "" if ended.code == 1 and "NOT the same" in ended.out else f"not found: {ended.out}"


def _found_by_verify(name: str) -> Expected:
    def holds(ended: Ended, folder: Path) -> str:
        return "" if ended.code == 1 and Path(name).name in ended.out else f"not found: {ended.out}"

    return Expected(refused=False, taken_as=OTHER, holds=holds, codes=(0, 1))


def _folder(random: Random, files: Files, chunk: str, build: Callable[..., Case]) -> Case:
    """Give a store whose folder is not what it was."""
    name = Path(chunk).name
    without = {n: d for n, d in files.items() if n != chunk}
    others = [n for n in files if n.endswith(".nc") and n != chunk]
    other = random.choice(others)
    twice = _renamed(chunk, files[other])

    def fifo(folder: Path) -> None:
        os.mkfifo(folder / "st" / name)

    def described_by_fifo(folder: Path) -> None:
        os.mkfifo(folder / "st" / DESCRIPTION)

    verify = ("store", "verify", "st")
    cases = [
        lambda: build("a chunk lost", without, Expected(("st",), ("chunks are not there",))),
        lambda: build("a chunk that is another's", {**without, chunk: files[other]}, Expected((name,))),
        lambda: build("a chunk twice", {**files, twice: files[other]}, Expected(("st",), ("twice", "2 times"))),
        lambda: build(
            "a chunk that is a pipe", without, Expected(("st",), (name, "chunks are not there")), prepare=fifo
        ),
        lambda: build(
            "a chunk that is a link",
            {**without, "x.nc": files[chunk]},
            Expected(("st",), (name, "chunks are not there")),
            prepare=lambda folder: (folder / "st" / name).symlink_to("../x.nc"),
        ),
        lambda: build(
            "a chunk that is a folder",
            without,
            Expected(("st",), (name, "chunks are not there")),
            prepare=lambda folder: (folder / "st" / name).mkdir(),
        ),
        lambda: build("a foreign file", {**files, "st/mine.txt": b"x"}, Expected(refused=False, taken_as=EQUAL)),
        lambda: build(
            "a foreign file, by verify", {**files, "st/mine.txt": b"x"}, _found_by_verify("mine.txt"), verify
        ),
        lambda: build(
            "a file that steers a terminal, by verify",
            {**files, "st/\x1b[31m.txt": b"x"},
            _found_by_verify("[31m.txt"),
            verify,
        ),
        lambda: build(
            "no description",
            {n: d for n, d in files.items() if n != f"st/{DESCRIPTION}"},
            Expected(("st",), (DESCRIPTION,)),
        ),
        lambda: build(
            "a description that is a pipe",
            {n: d for n, d in files.items() if n != f"st/{DESCRIPTION}"},
            Expected(("st",), (DESCRIPTION,)),
            prepare=described_by_fifo,
        ),
        lambda: build("an empty description", {**files, f"st/{DESCRIPTION}": b""}, Expected((DESCRIPTION,))),
        lambda: build(
            "a description of lists in lists", {**files, f"st/{DESCRIPTION}": b"[" * 100_000}, Expected((DESCRIPTION,))
        ),
        lambda: build(
            "a description of very many digits", {**files, f"st/{DESCRIPTION}": b"9" * 5000}, Expected((DESCRIPTION,))
        ),
        lambda: build("a store that there is not", files, Expected(("stt",)), ("store", "show", "stt")),
        lambda: build("a chunk where a store is wanted", files, Expected((name,)), ("store", "show", chunk)),
        lambda: build(
            "a store where a scenario is wanted", files, Expected(("st",)), ("reach", "./st", "--draws", "5")
        ),
        lambda: build("a store where an experiment is wanted", files, Expected(("st",)), ("run", "./st", "--out", "x")),
        lambda: build("a store where an XMILE file is wanted", files, Expected(("st",)), ("model", "check", "st")),
        lambda: build(
            "stores that do not fit", files, Expected((), ("stt",)), ("store", "merge", "st", "stt", "--out", "x")
        ),
    ]
    return random.choice(cases)()

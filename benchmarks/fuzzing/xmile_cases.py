"""Altered XMILE files: exported ones that another program, or nobody in particular, has changed."""

from __future__ import annotations

import json
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import cache
from html import escape, unescape
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from fiveyear.experiments.structure.exchange import Export

from .case import EQUAL, OTHER, Case, Ended, Expected, say
from .slips import SLIPS

NAME = "mine.stmx"
EXPORTS = (
    {"scenario": "plan"},
    {"scenario": "behavioural", "language": "zh"},
    {"scenario": "growth_7", "draw": "3", "method": "euler"},
)
_VARIABLE = re.compile(rb'<(aux|stock|flow) name="([^"]*)">.*?</\1>', re.DOTALL)
_SPACE = "{http://docs.oasis-open.org/xmile/ns/XMILE/v1.0}"


@cache
def _exported(place: int) -> bytes:
    return Export.model_validate(EXPORTS[place]).file()


@cache
def _file(told: str) -> bytes:
    return _real_file(Export.model_validate_json(told))


_real_file = Export.file


def _check(words: tuple[str, ...], folder: Path) -> Ended:
    """Say words on the command line; the code's side of a comparison is made once for many cases."""
    with patch.object(Export, "file", lambda export: _file(export.model_dump_json())):
        return say(words, folder)


def _case(label: str, data: bytes, expected: Expected, prepare: Callable[[Path], object] = lambda folder: None) -> Case:
    return Case(label, ("model", "check", NAME), expected, {NAME: data}, prepare, _check)


def _differs(name: str, limited: bool = False) -> Expected:
    """Expect a difference, at the variable of this name; ``limited``: or that the file is refused for its size."""

    def holds(ended: Ended, folder: Path) -> str:
        return "" if ended.code == 1 and f"\n  {name}: " in ended.out else f"no difference at {name}: {ended.out[:500]}"

    return Expected((NAME,), refused=limited, taken_as=OTHER, holds=holds, codes=(0, 1))


_ALIKE = Expected(refused=False, taken_as=EQUAL)

DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "an empty file": lambda _: b"",
    "cut off": lambda data: data[: len(data) // 2],
    "a NUL": lambda data: data[:500] + b"\0" + data[500:],
    "a byte that is no UTF-8": lambda data: data[:500] + b"\xff" + data[500:],
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "a document type": lambda data: data.replace(b"?>", b'?>\n<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>', 1),
    "entities within entities": lambda data: data.replace(
        b"?>", b'?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>', 1
    ),
    "a web page": lambda _: b"<html><body>not here</body></html>",
    "a scenario": lambda _: b'title = "T"\nextends = "plan"\nexpect = "x"\n',
    "a compressed file": lambda _: b"\x1f\x8b\x08\x00" + bytes(100),
    "other XML": lambda _: b"<?xml version='1.0'?><model/>",
    "no variables": lambda data: re.sub(rb"<variables>.*</variables>", b"", data, flags=re.DOTALL),
    "no sim_specs": lambda data: re.sub(rb"<sim_specs.*?</sim_specs>", b"", data, flags=re.DOTALL),
    "a start that is no number": lambda data: data.replace(b"<start>2005", b"<start>soon"),
    "a step of nothing": lambda data: re.sub(rb"<dt[^>]*>[^<]*</dt>", b'<dt reciprocal="true">0</dt>', data),
    "tags within tags": lambda data: data.replace(b"<eqn>", b"<eqn>" + b"<x>" * 50_000, 1),
    "too many bytes": lambda data: data + b"\n" * (21 * 1024**2),
    "two variables of one name": lambda data: data.replace(m := _VARIABLE.search(data)[0], m + m, 1),  # type: ignore[index]
    "an equation twice": lambda data: data.replace(b"<eqn>", b"<eqn>1</eqn><eqn>", 1),
    "a point lost": lambda data: re.sub(rb"<ypts>[^,]*,", b"<ypts>", data, count=1),
    "a point that is no number": lambda data: re.sub(rb"<ypts>[^,]*,", b"<ypts>much,", data, count=1),
    "a point that is not finite": lambda data: re.sub(rb"<ypts>[^,]*,", b"<ypts>nan,", data, count=1),
}

ALIKE: dict[str, Callable[[bytes], bytes]] = {
    "line ends of Windows": lambda data: data.replace(b"\n", b"\r\n"),
    "a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "no indents": lambda data: re.sub(rb"\n\s*", b"\n", data),
    "comments": lambda data: data.replace(b"<variables>", b"<variables><!-- mine -->").replace(
        b"<eqn>", b"<eqn>{mine}", 5
    ),
    "no pictures": lambda data: re.sub(rb"<views>.*</views>", b"", data, flags=re.DOTALL),
    "other words": lambda data: re.sub(rb"<doc>[^<]*</doc>", b"<doc>mine</doc>", data),
    "no words": lambda data: re.sub(rb"<doc>[^<]*</doc>", b"", data),
    "blanks in equations": lambda data: re.sub(rb"(?<=<eqn>)([^<]*)(?=</eqn>)", rb"  \1 ", data),
    "needless parentheses": lambda data: re.sub(rb"(?<=<eqn>)([^<]*)(?=</eqn>)", rb"(\1)", data),
    "capital letters": lambda data: re.sub(rb"(?<=<eqn>)([^<&]*)(?=</eqn>)", lambda m: m[0].upper(), data),
    "variables in another order": lambda data: _reordered(data),
    "marks for signs": lambda data: re.sub(
        rb"(?<=<eqn>)([^<]*)(?=</eqn>)", lambda m: m[0].replace(b"*", b"&#42;"), data
    ),
    "digits that no program keeps": lambda data: re.sub(
        rb"(?<=<eqn>)\d+\.\d{14,}(?=</eqn>)", lambda m: repr(float(m[0]) * (1.0 + 1e-14)).encode(), data
    ),
}


def _reordered(data: bytes) -> bytes:
    found = [match[0] for match in _VARIABLE.finditer(data)]
    start, end = data.index(b"<variables>") + len(b"<variables>"), data.index(b"</variables>")
    return data[:start] + b"\n".join(reversed(found)) + data[end:]


def _made(random: Random, data: bytes) -> Case:
    """Give a file that says something else of how it was made."""
    match = re.search(rb'made="([^"]*)"', data)
    assert match is not None
    said: dict[str, Any] = json.loads(unescape(match[1].decode()))
    other: list[tuple[str, dict[str, Any] | str, str]] = [
        ("a scenario that there is not", {**said, "scenario": "plam"}, "plam"),
        ("a scenario that there is not", {**said, "scenario": "no/such.toml"}, "no/such.toml"),
        ("a scenario that is no file", {**said, "scenario": "./pipe.toml"}, "pipe.toml"),
        ("a scenario that is a device", {**said, "scenario": "/dev/zero.toml"}, "/dev/zero"),
        ("a scenario that is a folder", {**said, "scenario": "./folder.toml"}, "folder.toml"),
        ("a scenario that steers a terminal", {**said, "scenario": "\x1b[31mplan"}, "scenario"),
        ("a scenario that is a number", {**said, "scenario": 1}, "scenario"),
        ("a draw of many digits", {**said, "draw": "9" * 5000}, "draw"),
        ("a draw that there is not", {**said, "draw": "-1"}, "draw"),
        ("a draw in full-width digits", {**said, "draw": "３"}, "draw"),
        ("a draw that is no number", {**said, "draw": "mean"}, "draw"),
        ("facts that there are not", {**said, "facts": "july"}, "july"),
        ("a language that there is not", {**said, "language": "fr"}, "language"),
        ("a method that there is not", {**said, "method": "rk5"}, "method"),
        ("a step that is none", {**said, "step": 0}, "step"),
        ("a step that is none", {**said, "step": "0.125"}, "step"),
        ("a seed below 0", {**said, "seed": -1}, "seed"),
        ("a setting that is none", {**said, "settings": ["paths.x=1"]}, "paths.x"),
        ("a setting that is none", {**said, "settings": "title='x'"}, "settings"),
        ("a key that there is not", {**said, "colour": 1}, "colour"),
        ("what is no JSON", "{", NAME),
        ("lists in lists", "[" * 5000 + "]" * 5000, NAME),
        ("a number of very many digits", '{"seed": ' + "9" * 5000 + "}", NAME),
        ("nothing", "", "--scenario"),
        ("no scenario", {k: v for k, v in said.items() if k != "scenario"}, "--scenario"),
    ]
    label, value, place = random.choice(other)
    text = value if isinstance(value, str) else json.dumps(value)
    changed = data.replace(match[0], f'made="{escape(text)}"'.encode())

    def prepare(folder: Path) -> None:
        os.mkfifo(folder / "pipe.toml")
        (folder / "folder.toml").mkdir()

    return _case(f"how it was made: {label}", changed, Expected((), (place,)), prepare)


def case(random: Random) -> Case:
    """Give an altered file."""
    data = _exported(random.randrange(len(EXPORTS)))
    how = random.choices(["changed", "alike", "damaged", "made", "slip"], [30, 17, 15, 18, 20])[0]
    if how == "damaged":
        label = random.choice(list(DAMAGED))
        return _case(label, DAMAGED[label](data), Expected((NAME,)))
    if how == "alike":
        label = random.choice(list(ALIKE))
        return _case(label, ALIKE[label](data), _ALIKE)
    if how == "made":
        return _made(random, data)
    match = random.choice(list(_VARIABLE.finditer(data)))
    name, block = match[2].decode(), match[0]
    if how == "slip":
        label = random.choice(list(SLIPS))
        changed = data[: match.start()] + SLIPS[label](block, random) + data[match.end() :]
        return _case(label, changed, _of_slip(data, changed))
    label, changed_block = random.choice(_changes(block))
    new = data[: match.start()] + changed_block + data[match.end() :]
    if label == "a variable lost":
        return _case(label, new, _differs(name))
    limited = any(sign in label for sign in ("without end", "braces", "many", "3,000"))
    return _case(label, new, _differs(_new_name(name) if label == "a variable more" else name, limited))


def _new_name(name: str) -> str:
    return f"{name}_mine"


def _changes(block: bytes) -> list[tuple[str, bytes]]:
    """Give what may be done to a variable, each of which makes another model."""

    def equation(text: bytes) -> bytes:
        return re.sub(rb"<eqn>[^<]*</eqn>", lambda _: b"<eqn>" + text + b"</eqn>", block)

    match = re.search(rb"<eqn>([^<]*)</eqn>", block)
    assert match is not None
    name = re.search(rb'name="([^"]*)"', block)
    assert name is not None
    found = [
        ("an equation times two", equation(b"2 * (" + match[1] + b")")),
        ("another equation", equation(b"123.456")),
        ("an equation that is none", equation(b"1 +")),
        ("an equation of nothing", equation(b"")),
        ("an equation within parentheses without end", equation(b"(" * 5000 + b"1" + b")" * 5000)),
        ("an equation of braces", equation(b"{" * 80_000)),
        ("an equation of many signs", equation(b"-" * 5000 + b"1")),
        ("an equation of many terms", equation(b"1" + b"+1" * 20_000)),
        ("an equation of very many digits", equation(b"9" * 5000)),
        ("other units", re.sub(rb"<units>[^<]*</units>", b"<units>furlong</units>", block)),
        (
            "units of 3,000 factors",
            re.sub(rb"<units>[^<]*</units>", b"<units>" + b"*".join([b"a"] * 3000) + b"</units>", block),
        ),
        ("no units", re.sub(rb"<units>[^<]*</units>", b"", block)),
        (
            "units in parentheses without end",
            re.sub(rb"<units>[^<]*</units>", b"<units>" + b"(" * 3000 + b"</units>", block),
        ),
        ("a variable lost", b""),
        ("a variable more", block + block.replace(name[0], b'name="' + _new_name(name[1].decode()).encode() + b'"')),
        ("a name that steers a terminal", block.replace(b"<eqn>", b"<eqn>&#x9b;31m", 1)),
    ]
    if b"<ypts>" in block:
        found.append(("another point", re.sub(rb"<ypts>[^,]*,", b"<ypts>1234567,", block)))
    if b"<inflow>" in block:
        found.append(("an inflow lost", re.sub(rb"<inflow>[^<]*</inflow>", b"", block, count=1)))
    return found


def _of_slip(original: bytes, changed: bytes) -> Expected:
    """Expect what must come of a slip, as a parser of XML tells."""
    try:
        after = _said(changed)
    except (ET.ParseError, UnicodeDecodeError, ValueError):
        return Expected((NAME,))
    if after == _said(original):
        return Expected((NAME,), refused=len(changed) > len(original) + 1000, taken_as=EQUAL)  # or too long to be read

    def holds(ended: Ended, folder: Path) -> str:
        return "" if ended.code == 1 else f"no difference told: {ended.out}"

    return Expected((NAME,), taken_as=OTHER, holds=holds, codes=(0, 1))


def _said(data: bytes) -> list[Any]:
    """Give what a file says of its variables: equations as words, signs and numbers of twelve digits."""
    root = ET.fromstring(data.decode())
    variables = root.find(f"{_SPACE}model/{_SPACE}variables")
    if variables is None:
        raise ValueError("no variables")
    return sorted(_told(child) for child in variables)


def _told(element: ET.Element) -> list[Any]:
    inner = sorted(_told(child) for child in element if child.tag != f"{_SPACE}doc")
    name = element.get("name", "")
    others = sorted((k, v) for k, v in element.attrib.items() if k != "name")
    text = "" if inner else element.text or ""  # between tags it says nothing
    return [element.tag, _words(name), _words(text), others, inner]


def _words(text: str) -> str:
    text = re.sub(r"\{[^}]*\}", " ", text.casefold())
    numbers = re.sub(r"(?<![\w.])\d+\.?\d*(e[+-]?\d+)?", lambda m: f"{float(m[0]):.12g}", text)
    return " ".join(re.findall(r"[\w.]+|[^\w\s]", numbers))

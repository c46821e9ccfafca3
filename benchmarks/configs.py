"""Mutate 10,000 scenario, plan and experiment files: ``python benchmarks/configs.py``.

Each is valid, and drawn from the tables and the declarations of the project itself; then one thing is done to it that
either makes it invalid by construction, at a key that is known, or leaves its meaning as it is. It must be refused with
a ScenarioError that names the key, or mean the same. Prints what became of them, and writes it into docs/configs.md.
The tests use the same functions: tests/scenarios/test_mutated_files.py.
"""

from __future__ import annotations

import copy
import itertools
import json
import math
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from mutations import Keys, alike, inner_table, invalid
from toml_text import DAMAGED, WRITTEN, toml
from valid_files import FILES, Content

from fiveyear.scenarios import (
    Experiment,
    Plan,
    Scenario,
    ScenarioError,
    load_experiment,
    load_plan,
    load_scenario,
    restore,
)

DOCUMENT = Path(__file__).parents[1] / "docs" / "configs.md"
COUNT = 10_000
REFUSED, EQUAL = "refused, with its key", "equal in meaning"
OWN = 'title = "Own"\nextends = "plan"\nexpect = "As the plan."\n'  # own.toml, beside each experiment


@dataclass(frozen=True)
class Mutated:
    """A valid file and what became of it; ``key``, as messages write it, is None if it means the same."""

    kind: str
    label: str
    key: str | None
    original: bytes
    changed: bytes
    tolerance: float = 0.0


@st.composite
def mutated_files(draw: st.DrawFn) -> Mutated:
    """Draw a valid file of any kind, and something to do to it."""
    kind = draw(st.sampled_from(list(FILES)))
    content = draw(FILES[kind])
    is_json = kind == "stored scenario"
    original = _written(content, is_json)
    how = draw(
        st.sampled_from(
            ["invalid", "invalid", "alike"] if is_json else ["invalid"] * 5 + ["alike"] * 3 + ["damaged", "written"]
        )
    )
    if how == "damaged":
        label = draw(st.sampled_from(list(DAMAGED)))
        return Mutated(kind, label, "", original, DAMAGED[label](original))
    if how == "written":
        label = draw(st.sampled_from(list(WRITTEN)))
        return Mutated(kind, label, None, original, WRITTEN[label](content))
    found = invalid(kind, content) if how == "invalid" else alike(kind, content)
    label = draw(st.sampled_from(sorted({mutation.label for mutation in found})))
    mutation = draw(st.sampled_from([mutation for mutation in found if mutation.label == label]))
    changed = copy.deepcopy(content)
    mutation.change(changed)
    key = None if mutation.key is None else told(changed, mutation.key)
    tolerance = 1e-12 if label == "a unit and its numbers in another" else 0.0
    return Mutated(kind, label, key, original, _written(changed, is_json), tolerance)


def _written(content: Content, is_json: bool) -> bytes:
    return (json.dumps(content, ensure_ascii=False, default=str) if is_json else toml(content)).encode()


def told(content: Content, keys: Keys) -> str:
    """Give keys as a message writes them: one that is no plain word in quotes, a target by its indicator."""
    parts = []
    for place, key in enumerate(keys):
        if place and keys[place - 1] == "targets" and isinstance(key, int):
            targets = inner_table(content, keys[:place])
            entry = targets[key] if isinstance(targets, list) else None
            name = entry.get("indicator") if isinstance(entry, dict) else None
            parts.append(name if isinstance(name, str) and re.fullmatch(r"\w{1,60}", name) else str(key + 1))
        else:
            parts.append(str(key) if re.fullmatch(r"[\w-]+", str(key)) else json.dumps(key, ensure_ascii=False))
    return ".".join(parts)


# -- what became of them ------------------------------------------------------------------------------------
LOADERS: dict[str, Callable[[str], Scenario | Plan | Experiment]] = {
    "scenario": load_scenario,
    "plan": load_plan,
    "experiment": load_experiment,
    "stored scenario": lambda path: restore(json.loads(Path(path).read_text(encoding="utf-8"))),
}


def meaning(found: Any) -> Any:
    """Give all that a scenario, plan or experiment is run with: what it is but not how its file says it."""
    if is_dataclass(found) and not isinstance(found, type):
        return {f.name: meaning(getattr(found, f.name)) for f in fields(found) if f.name != "content"}
    if isinstance(found, Mapping):
        return {key: meaning(value) for key, value in found.items()}
    if isinstance(found, Sequence) and not isinstance(found, str):
        return [meaning(value) for value in found]
    return found.model_dump() if hasattr(found, "model_dump") else found


def same(one: Any, other: Any, tolerance: float) -> bool:
    """Tell whether two meanings are one, numbers up to a relative tolerance."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key], tolerance) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(*pair, tolerance) for pair in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float) and tolerance:
        return math.isclose(one, other, rel_tol=tolerance)
    return bool(one == other)


def outcome(file: Mutated, folder: Path) -> str:
    """Give REFUSED or EQUAL, as it should be; or else what went wrong."""
    path = folder / "mine.toml"
    (folder / "own.toml").write_text(OWN, encoding="utf-8")
    load = LOADERS[file.kind]
    path.write_bytes(file.original)
    before = load(str(path))
    path.write_bytes(file.changed)
    try:
        after = load(str(path))
    except ScenarioError as error:
        return _refused(file, error)
    except Exception as error:  # noqa: BLE001 - that there is none is what is shown
        return f"another exception: {error!r}"
    if file.key is not None:
        return f"taken, though {file.key or 'the file'} is wrong"
    if not same(meaning(before), meaning(after), file.tolerance):
        return "taken, but it means something else"
    if isinstance(after, Scenario) and restore(json.loads(json.dumps(after.stored()))) != after:
        return "taken, but it does not come back from where it is stored"
    return EQUAL


def _refused(file: Mutated, error: ScenarioError) -> str:
    if file.key is None:
        return f"refused, though it means the same: {error}"
    if not all(line.isprintable() for line in str(error).split("\n")):
        return f"refused, with a message that steers a terminal: {str(error)!r}"
    if file.key and not any(fault.startswith(f"{file.key}: ") for fault in error.faults):
        return f"refused, but without {file.key}: {error}"
    return REFUSED


def collect(count: int, folder: Path) -> Counter[tuple[str, str, str]]:
    """Mutate files until there are so many different ones: (kind, what was done, what became of it) -> how many."""
    seen: set[Mutated] = set()
    found: Counter[tuple[str, str, str]] = Counter()

    for start in itertools.count():

        @seed(start)
        @settings(
            max_examples=min(1000, count - len(seen) + 20),  # the first ones are the same in every round
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(mutated_files())
        def look(file: Mutated) -> None:
            if file in seen or len(seen) == count:
                return
            seen.add(file)
            result = outcome(file, folder)
            found[file.kind, file.label, result] += 1
            if result not in (REFUSED, EQUAL):
                print(f"{file.kind}, {file.label}: {result}", file=sys.stderr)

        look()
        if len(seen) == count:
            return found
    raise AssertionError


TEXT = """\
# Mutated files

Written by `python benchmarks/configs.py`. {count:,} different files: scenarios, plans and experiments in TOML, and
scenarios as a result stores them in JSON. Each was drawn as a valid one, from the tables in `scenarios/` and from what
the model declares, with Hypothesis; then one thing was done to it, which makes it invalid by construction, at a key
that is known, or leaves its meaning as it is. Files that are damaged as text have no key to name.

| file | invalid: {refused} | same: {equal} | anything else |
| --- | --- | --- | --- |
{kinds}

| what was done | {refused} | {equal} | anything else |
| --- | --- | --- | --- |
{labels}
"""


def document(found: Counter[tuple[str, str, str]]) -> str:
    """Give the page that says what became of the files."""

    def rows(place: int) -> str:
        names = sorted({key[place] for key in found})
        return "\n".join(_row(name, {k: n for k, n in found.items() if k[place] == name}) for name in names)

    return TEXT.format(
        count=found.total(),
        refused=REFUSED,
        equal=EQUAL,
        kinds=f"{rows(0)}\n{_row('all', found)}",
        labels=rows(1),
    )


def _row(name: str, found: Mapping[tuple[str, str, str], int]) -> str:
    by_result = Counter[str]()
    for (_, _, result), number in found.items():
        by_result[result if result in (REFUSED, EQUAL) else "else"] += number
    return f"| {name} | {by_result[REFUSED]:,} | {by_result[EQUAL]:,} | {by_result['else']:,} |"


def main() -> None:
    """Mutate the files, and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        text = document(collect(COUNT, Path(folder)))
    print(text)
    DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

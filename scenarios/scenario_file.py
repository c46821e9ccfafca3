"""The files of scenarios: reading one, and changing what is read by settings."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fiveyear.model.errors import ModelError, raise_all

from . import shipped, toml_files
from .checks import base_units, close_faults, cut_faults, parameter_faults, path_faults, yearly_paths
from .errors import Fault, ScenarioError, dotted
from .path_tables import Column, at_table, with_numbers
from .plan import FILE, Plan, load_plan, model_of, restore_plan
from .scenario import Origin, Scenario
from .settings import NUMBERS, Setting, apply, changed_by, keys_of, read_settings
from .stacks import LOOPS, Key, Member, loop_state, repeated, stacked
from .tables import ScenarioTable, StoredTable, name_faults, structure_faults

CLAIMS = ("title", "expect")  # what a file says of the scenario in it
DEEPEST = 50  # files that extend each other


def scenario_names() -> tuple[str, ...]:
    """Give the names of the shipped scenarios, sorted."""
    return tuple(_by_name())


def locate_scenario(name: str, beside: Path | None = None) -> Path:
    """Give the file of a scenario by its path, which starts at a folder, or by its name; raises ScenarioError if none.

    In the folder of a plan's scenarios names are those of this folder, anywhere else those of the shipped plans.
    """
    return toml_files.locate(name, "scenario", _by_name(beside), beside)


def _by_name(beside: Path | None = None) -> dict[str, Path]:
    own = beside is not None and beside.name == "scenarios" and (beside.parent / FILE).is_file()
    return toml_files.by_name(beside.glob("*.toml") if own and beside else shipped.files("scenarios/*.toml"))


def scenarios_of(plan: Plan) -> list[Scenario]:
    """Give the scenarios in the folder of a plan; raises ModelError with every fault of all of them."""
    scenarios: list[Scenario] = []
    errors: list[ModelError] = []
    for path in sorted((plan.folder / "scenarios").glob("*.toml")):
        try:
            scenarios.append(read_scenario(path))
        except ScenarioError as error:
            errors.append(error)
    raise_all(errors)
    if not scenarios:
        raise ScenarioError(str(plan.folder), ["it has no scenarios: expected a .toml of one in its folder scenarios"])
    return scenarios


def answered_by(plan: Plan) -> list[Scenario]:
    """Give the scenarios by which a plan is answered: ``plan`` and ``behavioural``, or all if it has neither."""
    of_plan = {scenario.name: scenario for scenario in scenarios_of(plan)}
    return [of_plan[name] for name in ("plan", "behavioural") if name in of_plan] or list(of_plan.values())


def load_scenario(name: str, settings: Sequence[str] = ()) -> Scenario:
    """Give the scenario of a shipped name or a path to a TOML file, changed by ``--set`` texts.

    A setting names a key and its value in TOML, ``paths.planned_rd_intensity.values.2015=2.4``. A number is in the
    unit that the scenario states, or else the plan, or else the model (growth: %/year), and is assumed, being set.
    Raises ScenarioError with every fault of the file.

    >>> load_scenario("plan", ["paths.planned_rd_intensity.values.2015=2.4"]).paths["planned_rd_intensity"].points
    ((2015, 0.024),)
    """
    path = locate_scenario(name)
    scenario, faults = draft_scenario(path)
    errors: list[ModelError] = [ScenarioError(str(path), faults)] if faults else []
    changes: tuple[Setting, ...] = ()
    try:
        changes = read_settings(settings, scenario)
    except ScenarioError as error:
        errors.append(error)
    raise_all(errors)
    assert scenario is not None
    try:
        return change(scenario, changes) if changes else scenario
    except ScenarioError as error:
        faults = [f.altered(text=f"{f.text}{changed_by(changes, f.key, scenario)}") for f in error.faults]
        raise ScenarioError(str(path), faults) from None


def read_scenario(path: Path) -> Scenario:
    """Give the scenario of a file; raises ScenarioError with every fault of the file and of those that it extends."""
    scenario, faults = draft_scenario(path)
    if faults or scenario is None:
        raise ScenarioError(str(path), faults)
    return scenario


def draft_scenario(path: Path) -> tuple[Scenario | None, list[Fault]]:
    """Give what a file makes without what is wrong in it, if that is anything, and every fault.

    Raises ScenarioError where no file can be read.
    """
    member, faults = _draft(path, (), {})
    return member.scenario if member else None, faults


def require_stack(file: Path, extends: Sequence[str]) -> None:
    """Raise ScenarioError with every fault that a file would have, there or not yet, if it did no more than extend."""
    if faults := _extended({"extends": list(extends)}, file, (file.resolve(),), {})[1]:
        raise ScenarioError(str(file), faults)


def restore(stored: Mapping[str, Any], title: str = "a stored scenario", plan: Plan | None = None) -> Scenario:
    """Give the scenario of which ``Scenario.stored`` gave this, before or after a way through JSON.

    It is checked as its files were, and none of them is read; ``plan`` is that of the scenario, where it has been
    restored already and is not to be checked once more. Raises ScenarioError under this title with every fault.

    >>> restore(load_scenario("frozen").stored()) == load_scenario("frozen")
    True
    """
    stored = dict(stored)
    faults = structure_faults(StoredTable, stored)
    if faults:
        raise ScenarioError(title, faults)
    content = {"parameters": {}, "paths": {}, "cuts": [], "closes": [], **stored["content"]}
    if plan is None:
        try:
            plan = restore_plan(stored["plan"], title)
        except ScenarioError as error:
            faults += [fault.under("plan") for fault in error.faults]
    faults += [fault.under("name") for fault in name_faults(stored["name"])]
    faults += [fault.under("content") for fault in (*_origin_faults(content), *_faults(content, plan))]
    if faults or plan is None:
        raise ScenarioError(title, faults)
    return _with_settings(_built(stored["name"], plan, content), tuple(stored["settings"]))


def checked_scenario(name: str, plan: Plan, content: Mapping[str, Any]) -> Scenario:
    """Give the scenario of a plan that content makes; raises ScenarioError, under its name, with every fault of it."""
    faults = [fault.under("name") for fault in name_faults(name)] + _faults(content, plan)
    if faults:
        raise ScenarioError(f"scenario {name}", faults)
    return _built(name, plan, content)


def change(scenario: Scenario, settings: Sequence[Setting]) -> Scenario:
    """Give a scenario with values changed; raises ScenarioError, under its name, with every fault of what is changed.

    It costs what is changed: the rest has been checked and is shared with the scenario given.
    """
    plan = scenario.plan
    try:
        content = apply(settings, scenario.content, plan.content, plan.model)
    except ScenarioError as error:
        raise ScenarioError(scenario.name, error.faults) from None
    if any(len(s.keys) == 1 and s.keys[0] in NUMBERS for s in settings):
        base: Scenario | Plan = plan
        own = content
    else:
        base = scenario
        names = {s.keys[1] for s in settings if s.keys[0] in NUMBERS}
        own = content | {group: {n: t for n, t in content[group].items() if n in names} for group in NUMBERS}
    if faults := _faults(own, plan):
        raise ScenarioError(scenario.name, faults)
    texts = (*scenario.settings, *(s.text for s in settings))
    built = _built(scenario.name, plan, own, base)
    set_here = {s.keys[:2] for s in settings}
    origins = {key: origin for key, origin in scenario.origins.items() if set_here.isdisjoint([key, key[:1]])}
    built = replace(built, content=content, file=scenario.file, before=scenario, origins=origins)
    return _with_settings(built, texts)


def _with_settings(scenario: Scenario, texts: tuple[str, ...]) -> Scenario:
    """Give a scenario whose content has been changed, with the texts of what was set."""
    changed = {keys_of(text.partition("=")[0])[0] for text in texts}
    if not changed.difference(CLAIMS):
        return replace(scenario, settings=texts)
    title = scenario.title if "title" in changed else f"The scenario {scenario.name}, changed"
    return replace(scenario, settings=texts, title=title, expect=scenario.expect if "expect" in changed else "")


def _built(name: str, plan: Plan, content: Mapping[str, Any], base: Scenario | Plan | None = None) -> Scenario:
    """Give the scenario that checked content makes over its plan, or over a scenario of it that has been built."""
    full_model = plan.model
    base = base or plan
    table = ScenarioTable.model_validate(content)
    paths = yearly_paths(table.paths, full_model, plan.span)
    for path_name in paths.keys() & plan.paths.keys():
        if paths[path_name].needs_history and not plan.paths[path_name].needs_history:
            paths[path_name] = replace(paths[path_name], before=plan.paths[path_name])
    return Scenario(
        name=name,
        title=" ".join(table.title.split()),  # a line of its own makes no other
        expect=table.expect,
        plan=plan,
        parameters={**base.parameters, **base_units(table.parameters, full_model)}
        if table.parameters
        else base.parameters,
        paths={**base.paths, **paths} if paths else base.paths,
        cuts=tuple(n for n in dict.fromkeys((*plan.cuts, *table.cuts)) if n not in table.closes),
        settings=(),
        content=content,
    )


def _draft(path: Path, below: tuple[Path, ...], drafts: dict[Path, Member | None]) -> tuple[Member | None, list[Fault]]:
    """Give a scenario file's scenario over what it extends, and all faults.

    ``below`` are the files that extend it; ``drafts`` is given what they make, so that each file is read once and its
    faults are told once.

    A path or parameter of the file takes the place of one of the same name as a whole: years of two files are not
    mixed, so that a file shows the path that is run. The lists of loops do so too. Where several are extended, what
    one of them sets is set, and two may not contradict each other but in what the file itself decides.
    """
    named = name_faults(path.stem)
    try:
        content = toml_files.read(path)
    except ScenarioError as error:
        raise ScenarioError(error.title, [*named, *error.faults]) from None
    if "scenarios" in content:
        text = f"it lists scenarios: it is an experiment; expected a scenario. To run it: fiveyear run {path} --out DIR"
        raise ScenarioError(str(path), [text])
    if path.resolve() in below:
        circle = " extends ".join(file.name for file in (*below, path))
        raise ScenarioError(str(path), [f"extends: {circle}, in a circle"])
    if len(below) >= DEEPEST:
        raise ScenarioError(str(path), [f"extends: more than {DEEPEST} files extend each other"])
    plan: Plan | None = None
    base: Member | None = None
    faults = [*named, *_origin_faults(content)]
    given = _origins(content)
    if given == ["plan"] and isinstance(content["plan"], str):
        try:
            plan = load_plan(content["plan"], path.parent)
        except ScenarioError as error:
            faults += [Fault("plan", f"found {error.title}; {text}") for text in error.faults]
    elif given == ["extends"]:
        base, of_base = _extended(content, path, (*below, path.resolve()), drafts)
        faults += of_base
        plan = base.scenario.plan if base else None
    read = with_numbers(content, path.parent)
    content = dict(read.content)
    own_faults = [*read.faults, *(at_table(f, read.columns) for f in _faults(content, plan, read.unread))]
    faults += own_faults
    if plan is None:
        return None, faults
    inherited = base.scenario.content if base else {}
    content = _sound(content, own_faults) if own_faults else content
    tables = {group: {**inherited.get(group, {}), **content.get(group, {})} for group in NUMBERS}
    merged = {**content, **tables, **_loops(content, inherited)}
    parent, lineage = base or (None, frozenset())
    origins = dict(parent.origins) if parent else {}
    origins |= _set_here(path, content, merged, inherited, read.columns)
    scenario = replace(_built(path.stem, plan, merged), file=str(path), before=parent, origins=origins)
    return Member(scenario, lineage | {path.resolve()}), faults


def _extended(
    content: Mapping[str, Any], path: Path, below: tuple[Path, ...], drafts: dict[Path, Member | None]
) -> tuple[Member | None, list[Fault]]:
    """Give what a scenario file extends, several as one, and what is wrong with it; ``below`` ends with the file."""
    extends = content["extends"]
    listed = extends if isinstance(extends, list) else [extends]
    members: dict[Path, Member | None] = {}
    faults: list[Fault] = []
    for place, name in enumerate(listed):
        if not isinstance(name, str):
            continue
        key = f"extends.{place}" if isinstance(extends, list) else "extends"
        try:
            base = locate_scenario(name, path.parent)
            file = Path(os.path.realpath(base))
            if file in members:
                faults.append(repeated(place, name))
            elif file not in drafts:
                members[file], wrong = _draft(base, below, drafts)
                drafts[file] = members[file]
                faults += [Fault(key, f"found {base}; {fault}") for fault in wrong]
            members[file] = drafts[file]
        except ScenarioError as error:
            faults += [Fault(key, f"found {error.title}; {text}") for text in error.faults]
            continue
        first = next((member for member in members.values() if member), None)
        if first and (member := members[file]) and member.scenario.plan != first.scenario.plan:
            own, expected = member.scenario.plan.name, first.scenario.plan.name
            text = f"{name} is of the plan {own}, {first.scenario.name} of {expected}; expected one plan"
            faults.append(Fault(key, text, found=own, expected=expected))
            members[file] = None
    sound = [member for member in members.values() if member]
    if len(sound) < 2:
        return (sound[0] if sound else None), faults
    together = stacked(sound)
    numbers, loops = _named_here(content)
    for (group, name), texts in together.conflicts.items():
        if (group, name) not in numbers and name not in (loops if group == LOOPS else ()):
            faults += [Fault("extends", f"{dotted(group, name)}: {text}") for text in dict.fromkeys(texts)]
    plan = sound[0].scenario.plan
    scenario = _built(path.stem, plan, {"title": "?", "expect": "?", "extends": extends, **together.content})
    return Member(replace(scenario, origins=together.origins), together.lineage), faults


def _named_here(content: Mapping[str, Any]) -> tuple[set[Key], set[str]]:
    """Give the paths and parameters that a file sets, and the loops that it names."""
    numbers = {(g, n) for g in NUMBERS if isinstance(content.get(g), dict) for n in content[g]}
    lists = [content.get(key) for key in ("cuts", "closes")]
    return numbers, {n for names in lists if isinstance(names, list) for n in names if isinstance(n, str)}


def _set_here(
    path: Path,
    content: Mapping[str, Any],
    merged: Mapping[str, Any],
    inherited: Mapping[str, Any],
    columns: Mapping[str, Column],
) -> dict[Key, Origin]:
    """Give what a sound scenario file itself sets, or takes back of the loops inherited."""
    numbers, loops = _named_here(content)
    every = dict.fromkeys(n for lists in (inherited, merged) for key in ("cuts", "closes") for n in lists.get(key, ()))
    loops |= {name for name in every if loop_state(merged, name) != loop_state(inherited, name)}
    file = path.resolve()
    origins = {(g, n): Origin(file, columns.get(n) if g == "paths" else None) for g, n in sorted(numbers)}
    return origins | {(LOOPS, name): Origin(file) for name in every if name in loops}


def _sound(content: Mapping[str, Any], faults: Sequence[Fault]) -> dict[str, Any]:
    """Give what a scenario file holds without the tables and lists that have a fault."""
    wrong = [f"{fault.key}." for fault in faults]

    def has_none(*keys: str) -> bool:
        return not any(key.startswith(f"{dotted(*keys)}.") for key in wrong)

    kept: dict[str, Any] = {k: v for k, v in content.items() if k in ScenarioTable.model_fields and has_none(k)}
    for group in NUMBERS:
        tables = content.get(group, {})
        is_table = isinstance(tables, dict)
        kept[group] = {n: t for n, t in tables.items() if has_none(group, n)} if is_table else {}
    return {"title": "?", "expect": "?", **kept}


def _origins(content: Mapping[str, Any]) -> list[str]:
    return [key for key in ("plan", "extends") if key in content]


def _origin_faults(content: Mapping[str, Any]) -> list[Fault]:
    given = _origins(content)
    if len(given) == 1:
        return []
    return [Fault("", f"found {'both plan and extends' if given else 'neither plan nor extends'}, expected one")]


def _loops(content: Mapping[str, Any], parent: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give the loops that a file cuts and closes: its own lists, or those inherited, less what it says otherwise."""
    own: dict[str, list[str] | None] = {key: content.get(key) for key in ("cuts", "closes")}
    loops: dict[str, list[str]] = {}
    for key, other in (("cuts", "closes"), ("closes", "cuts")):
        own_list, other_list = own[key], own[other] or []
        loops[key] = [n for n in parent.get(key, []) if n not in other_list] if own_list is None else own_list
    return loops


def _faults(content: Mapping[str, Any], plan: Plan | None, unread: Collection[str] = ()) -> list[Fault]:
    full_model = model_of(plan)
    return [
        *structure_faults(ScenarioTable, content),
        *parameter_faults(content, full_model),
        *path_faults(content, full_model, plan.span if plan else None, unread),
        *cut_faults(content, full_model),
        *(close_faults(content, full_model, plan.cuts) if plan else ()),
    ]

"""The JSON Schemas: they let pass what is shipped, refuse what the model does not have, and lie in the tree."""

from __future__ import annotations

import itertools
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from fiveyear.calibration.priors import Priors
from fiveyear.experiments.forecast.command import Kind
from fiveyear.experiments.forecast.schemas import KINDS, ranges, schema_file, schema_of
from fiveyear.scenarios import ScenarioError, load_plan, load_scenario
from fiveyear.scenarios.checks import factor_of
from fiveyear.scenarios.experiment_table import ExperimentTable
from fiveyear.scenarios.experiment_template import experiment_template
from fiveyear.scenarios.tables import ScenarioTable

Run = Callable[..., Any]  # words in, how it ended out

ROOT = Path(__file__).parents[3]
OF_TWELFTH = Path("scenarios", "plans", "twelfth")
SHIPPED = sorted(ROOT.glob("scenarios/**/*.toml"))
BAD = ROOT / "tests" / "scenarios" / "bad"
HEAD = 'title = "A"\nextends = "plan"\nexpect = "B."\n'

#: Bad files that a schema cannot refuse, or not without saying again what `scenario check` says in Python.
NOT_REFUSED = {
    "another file": {"extends_itself", "extends_in_a_circle", "extends_in_a_circle_back", "missing_plan_file"},
    "the plan's years": {
        "growth_from_the_start", "growth_that_leaves_a_gap", "history_year", "hold_of_values_from_the_start",
        "year_after_the_plan", "year_before_the_plan",
    },
    "the plan's loops": {"close_of_what_is_not_cut", "close_of_what_is_not_cut_by_what_is_extended"},
    "two keys at once": {"cut_and_closed", "hold_of_three_points", "shape_of_three_points"},
    "the order of keys": {"years_out_of_order"},
    "JSON has no such number": {"nan"},
}  # fmt: skip


def faults(kind: str, content: dict[str, Any]) -> list[str]:
    return [fault.json_path for fault in Draft202012Validator(SCHEMAS[kind]).iter_errors(content)]


def faults_of(kind: str, text: str) -> list[str]:
    return faults(kind, tomllib.loads(text))


SCHEMAS = {kind: schema_of(kind) for kind in KINDS}


# -- the files ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", list(Kind))
def test_the_schema_in_the_tree_is_what_the_command_prints(fiveyear: Run, kind: Kind) -> None:
    printed = fiveyear("scenario", "schema", kind)
    assert printed.code == 0
    assert schema_file(kind).read_text(encoding="utf-8") == printed.out, "run: make schemas"
    Draft202012Validator.check_schema(json.loads(printed.out))


def test_each_kind_has_a_schema_and_a_file_and_no_other_has() -> None:
    assert [kind.value for kind in Kind] == list(KINDS)
    assert {path.stem for path in schema_file("plan").parent.glob("*.json")} == set(KINDS)


def test_without_a_kind_the_schema_is_that_of_a_scenario(fiveyear: Run) -> None:
    assert json.loads(fiveyear("scenario", "schema").out) == SCHEMAS["scenario"]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: "/".join(file.parts[-2:]))
def test_a_shipped_file_names_its_schema_and_passes_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    named = re.match(r"#:schema (\S+)\n", text)
    assert named is not None
    schema = (file.parent / named[1]).resolve()
    folders = {"programmes": "programme", "scenarios": "scenario"}
    expected = file.stem if file.stem in ("plan", "platforms", "priors") else folders[file.parent.name]
    expected = "scenario" if file.parent.name == "scenarios" else expected
    assert schema == schema_file(expected).resolve()
    assert faults_of(expected, text) == []


def test_the_template_of_an_experiment_passes_with_and_without_its_comments() -> None:
    text = experiment_template("A test", ["plan", "mine.toml"], load_plan("twelfth"), "mine.toml", "experiment.json")
    used = re.sub(r"^# (?=outputs|facts|\[|values|kind|points|seed|low|high)", "", text, flags=re.MULTILINE)
    assert (faults_of("experiment", text), faults_of("experiment", used)) == ([], [])
    assert used.count("[factors") == 3


# -- what is refused ----------------------------------------------------------------------------------------
def test_bad_files_are_refused_but_for_what_a_schema_cannot_say() -> None:
    passed = set()
    for file in BAD.glob("*.toml"):
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except ValueError:  # no TOML
            continue
        if file.stem != "hexadecimal_of_20000_digits" and not faults("scenario", content):
            passed.add(file.stem)
    assert passed == set().union(*NOT_REFUSED.values())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[paths.planned_rd_intensty]\nunit = "%"\nvalues = { 2015 = 2 }\nsource = "a"', "$.paths.planned_rd_intensty"),
        ('[parameters.gdp_real]\nvalue = 1\nunit = "1"\nassumed = "a"', "$.parameters.gdp_real"),
        ('[paths.gdp_real]\nunit = "%"\ngrowth = { 2011 = 8 }\nassumed = "a"', "$.paths.gdp_real.unit"),
        ('[paths.gdp_real]\nunit = "%/year"\nvalues = { 2011 = 8 }\nassumed = "a"', "$.paths.gdp_real.unit"),
        ('[paths.gdp_real]\nunit = "%/year"\ngrowth = { 2011 = 700 }\nsource = "a"', "$.paths.gdp_real.growth['2011']"),
        (
            '[paths.gdp_real]\nunit = "%"\ntable = "a.csv"\ncolumn = "b"\nnumbers = "growth"\nassumed = "a"',
            "$.paths.gdp_real.unit",
        ),
        ('cuts = ["R4", "R99"]', "$.cuts[1]"),
        ('closes = ["R1", "R1"]', "$.closes"),
    ],
)  # fmt: skip
def test_a_wrong_name_or_unit_in_a_scenario_is_refused_where_it_stands(text: str, place: str) -> None:
    assert set(faults_of("scenario", HEAD + text)) == {place}


@pytest.mark.parametrize("extends", ['"plann"', '["plan", "plann"]', "[]", "1"])
def test_a_scenario_that_is_not_shipped_cannot_be_extended(tmp_path: Path, extends: str) -> None:
    file = tmp_path / "a.toml"
    file.write_text(HEAD.replace('"plan"', extends), encoding="utf-8")
    assert faults_of("scenario", file.read_text(encoding="utf-8"))
    with pytest.raises(ScenarioError):
        load_scenario(str(file))


@pytest.mark.parametrize(
    "extends", ['"plan"', '["growth_7", "talent_first"]', '"mine.toml"', '["../a/b.toml", "plan"]']
)
def test_shipped_scenarios_and_files_can_be_extended(extends: str) -> None:
    assert faults_of("scenario", HEAD.replace('"plan"', extends)) == []


def altered(kind: str, file: Path, old: str, new: str) -> list[str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert old in text
    return faults_of(kind, text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("kind", "file", "old", "new"),
    [
        ("plan", OF_TWELFTH / "plan.toml", 'indicator = "rd_intensity"', 'indicator = "rd_intensty"'),
        ("plan", OF_TWELFTH / "plan.toml", 'unit = "person/10k person"', 'unit = "person"'),
        ("plan", OF_TWELFTH / "plan.toml", "rounding = 0.1", 'rounding = 0.1\nunmodelled = "too hard"'),
        ("plan", OF_TWELFTH / "plan.toml", "value = 2.2", "value = 22"),
        ("plan", OF_TWELFTH / "plan.toml", '["FINANCE", "R1"]', '["FINANCES"]'),
        ("priors", OF_TWELFTH / "priors.toml", "[parameters.reference_cost]", "[parameters.reference_costs]"),
        ("priors", OF_TWELFTH / "priors.toml", 'unit = "yuan/person/year"', 'unit = "yuan/year"'),
        ("priors", OF_TWELFTH / "priors.toml", "median = 7e5", "median = 7e15"),
        ("priors", OF_TWELFTH / "priors.toml", 'cuts = ["R4"]', 'cuts = ["R44"]'),
        ("priors", OF_TWELFTH / "priors.toml", 'july2011 = "2011-07"', 'july2011 = "2011-7"'),
        ("programme", OF_TWELFTH / "programmes/new_drugs.toml", "[deliverables.S063]", "[deliverables.S001]"),
        ("programme", OF_TWELFTH / "programmes/new_drugs.toml", '"clinical_trials"', '"clinical_trial"'),
        ("programme", OF_TWELFTH / "programmes/new_drugs.toml", "gate = 0.54", "gate = 1.54"),
        ("programme", OF_TWELFTH / "programmes/new_drugs.toml", "starts = [80, 250]", "starts = 2.5"),
        ("programme", OF_TWELFTH / "programmes/new_drugs.toml", 'plan = "twelfth"', 'plan = "twelve"'),
        ("platforms", OF_TWELFTH / "programmes/platforms.toml", "capacity = [250, 600]", "capacity = 0"),
    ],
)
def test_a_wrong_name_unit_or_size_in_another_file_is_refused(kind: str, file: Path, old: str, new: str) -> None:
    assert altered(kind, file, old, new) != []


@pytest.mark.parametrize(
    ("key", "sound"),
    [
        ("paths.planned_rd_intensity.values.2013", True),
        ("paths.gdp_real", True),
        ("parameters.attrition_rate.value", True),
        ("closes", True),
        ("paths.planned_rd_intensty.values.2013", False),
        ("parameters.attrition_rates.value", False),
        ("draws", False),
    ],
)
def test_a_factor_is_a_key_of_a_scenario_that_the_model_has(key: str, sound: bool) -> None:
    text = f'title = "A"\nscenarios = ["plan"]\ndraws = 10\n[factors."{key}"]\nvalues = [1, 2]\n'
    assert (faults_of("experiment", text) == []) is sound


@pytest.mark.parametrize(
    ("kind", "table"), [("scenario", ScenarioTable), ("experiment", ExperimentTable), ("priors", Priors)]
)
def test_a_schema_has_the_keys_of_its_file_and_refuses_others(kind: str, table: type[BaseModel]) -> None:
    schema = SCHEMAS[kind]
    assert schema["properties"].keys() == table.model_fields.keys()
    assert schema["additionalProperties"] is False
    closed = [name for name, of in schema["$defs"].items() if of.get("type") == "object"]
    assert [name for name in closed if schema["$defs"][name]["additionalProperties"] is not False] == []


# -- units and sizes, as the loader has them ----------------------------------------------------------------
def inputs() -> Iterator[tuple[str, str, Any]]:
    whole = load_plan("twelfth").model
    yield from (("parameters", name, of) for name, of in whole.parameters.items())
    yield from (("paths", name, of) for name, of in whole.series.items())


def with_unit(group: str, name: str, unit: str, number: float) -> dict[str, Any]:
    table = {"value": number} if group == "parameters" else {"values": {"2015": number}}
    own = {"unit": unit, "assumed": "a", **table}
    return {"title": "A", "extends": "plan", "expect": "B.", group: {name: own}}


def test_a_unit_passes_the_schema_if_and_only_if_the_loader_takes_it() -> None:
    validator = Draft202012Validator(SCHEMAS["scenario"])
    declared = {of.unit for _, _, of in inputs()}
    one_of_each = {of.unit: (group, name, of) for group, name, of in inputs()}
    written = [*declared, "100M yuan/year", "10k person", "%/year", "100 yuan/1k person/year", "yuan / year", "%"]
    written += ["yuan/year/person", "kg", "persons", "1 / 0 person", "person/10k person", "", "yuan*person", "rank"]
    for (unit, (group, name, of)), other in itertools.product(one_of_each.items(), written):
        number = (of.low + of.high) / 2.0
        content = with_unit(group, name, other, number if other == unit else 0.0)
        wrong = {fault.json_path for fault in validator.iter_errors(content)}
        is_taken = not factor_of("", other, unit)[1]
        assert (f"$.{group}.{name}.unit" not in wrong) is is_taken, (name, unit, other)


def test_a_number_at_the_end_of_the_range_passes_and_one_beyond_does_not(tmp_path: Path) -> None:
    validator = Draft202012Validator(SCHEMAS["scenario"])
    tried = 0
    for group, name, of in inputs():
        for unit, low, high in ranges(of.unit, of.low, of.high):
            factor, _ = factor_of("", unit, of.unit)
            for number in (low, high, low - 0.01 * (high - low), high + 0.01 * (high - low)):
                is_inside = of.low <= number * factor <= of.high
                assert (not list(validator.iter_errors(with_unit(group, name, unit, number)))) is is_inside
                tried += 1
    assert tried > 4 * len(list(inputs()))


# -- for completion -----------------------------------------------------------------------------------------
def test_an_editor_is_told_what_each_input_is_and_in_which_units_it_may_be() -> None:
    for group, name, of in inputs():
        entry = SCHEMAS["scenario"]["properties"][group]["properties"][name]
        assert entry["description"].startswith(f"{of.about}; {of.low:g} to {of.high:g} {of.unit}")
        assert of.unit in entry["properties"]["unit"]["anyOf"][0]["enum"]
        keys = {"value"} if group == "parameters" else {"values", "growth", "table", "shape"}
        assert keys < entry["properties"].keys()


def tables(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield each schema inside another whose keys an editor completes: not what stands in `then` or `if`."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for key, inner in schema.items():
            if key not in ("if", "then", "else"):
                yield from tables(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from tables(inner)


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_table_hides_its_keys_behind_a_choice(kind: str) -> None:
    """Taplo, in editors, completes the keys of the schemas of a choice, and not those beside it."""
    found = list(tables(SCHEMAS[kind]))
    assert found
    assert [table for table in found if table.keys() & {"allOf", "anyOf", "oneOf", "$ref"}] == []

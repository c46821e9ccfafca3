"""The overview of the sectors: its links and its main chain are those of the wiring, and it fits every sheet."""

from __future__ import annotations

import csv
import io
import pickle
from collections.abc import Callable
from dataclasses import replace

import pytest

from fiveyear.experiments.page.comma_separated import drawn
from fiveyear.experiments.page.figure import Drawing
from fiveyear.experiments.structure.diagrams import overview
from fiveyear.scenarios import Plan, load_plan

Fits = Callable[[Callable[[], Drawing]], list[str]]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan("twelfth")


def test_money_buys_researchers_who_file_what_examiners_grant(plan: Plan) -> None:
    shown = overview.overview(plan)
    way = [("finance", "workforce"), ("workforce", "patents"), ("patents", "examination"), ("examination", "patents")]
    assert [shown.chain[pair] for pair in way] == [
        ("rd_spending",), ("researchers",), ("applications",), ("domestic_grants",),
    ]  # fmt: skip
    # The numbers follow the money.
    order = list(shown.chain)
    assert [order.index(pair) for pair in way] == sorted(order.index(pair) for pair in way)


def test_the_chain_is_part_of_what_passes_and_every_link_is_one_that_an_equation_reads(plan: Plan) -> None:
    shown, model = overview.overview(plan), plan.model
    read = {
        (source, name) for name in model.units for source in model.reads(name) if source not in model.parameters
    }  # fmt: skip
    between = {(model.sectors[a], model.sectors[b], a) for a, b in read if model.sectors[a] != model.sectors[b]}
    assert {(*pair, name) for pair, names in shown.passes.items() for name in names} == between
    assert {(*pair, name) for pair, names in shown.chain.items() for name in names} <= between


def test_no_research_money_reaches_literacy(plan: Plan) -> None:
    shown = overview.overview(plan)
    assert shown.apart == ("civic_scientific_literacy",)
    assert "civic_scientific_literacy" in shown.targets["literacy"]
    assert overview.frame(plan, shown).title.startswith("Planned R&D intensity acts on 7 of 8 headline")


def test_a_plan_whose_every_target_is_reached_says_so(plan: Plan) -> None:
    reached = replace(plan, targets=tuple(t for t in plan.targets if t.indicator != "civic_scientific_literacy"))
    title = overview.frame(reached, overview.overview(reached)).title
    assert title == "Planned R&D intensity acts on all 7 headline targets"


def test_no_two_sectors_share_a_cell(plan: Plan) -> None:
    shown = overview.overview(plan)
    for columns in (2, 3, 5):
        at = overview.cells(shown, columns)
        assert len({*at.values()}) == len(shown.sectors)
        assert {column for column, _ in at.values()} <= set(range(columns))


def test_the_rows_name_every_link_and_mark_those_of_the_chain(plan: Plan) -> None:
    rows = list(csv.DictReader(io.StringIO(drawn(overview.drawing(plan).rows).decode())))
    shown = overview.overview(plan)
    assert len(rows) == sum(map(len, shown.passes.values()))
    assert {r["variable"] for r in rows if r["on the main chain"] == "true"} == {
        name for names in shown.chain.values() for name in names
    }


def test_the_overview_fits_every_sheet_and_can_be_drawn_elsewhere(plan: Plan, fits: Fits) -> None:
    assert fits(lambda: overview.drawing(plan)) == []
    assert pickle.loads(pickle.dumps(overview.drawing(plan).figure))

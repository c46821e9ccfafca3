"""What a paper is made of: a ``paper.toml``, or without one the paper that is shipped, checked before any work."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from fiveyear.experiments.console.defaults import DRAWS, MOST_DRAWS, PLAN, SEED
from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.forecast.runnable import facts_faults
from fiveyear.experiments.forecast.selection import ensembles, require_one_plan
from fiveyear.experiments.page.style import undrawable
from fiveyear.model import ordinary_files
from fiveyear.model.errors import Fault, InputError, ModelError, nearest, raise_all
from fiveyear.scenarios import Plan, Scenario, ScenarioError, answered_by, load_plan, scenarios_of, toml_files
from fiveyear.scenarios.scenario_file import locate_scenario, read_scenario
from fiveyear.scenarios.tables import Table, Text, structure_faults

from . import contents
from .article import faults as faults_of_text
from .errors import ArticleError
from .studies import wish

QUICK = 20  # times fewer draws, for a look
FEWEST = 500  # of them, of which a probability is told to some .02
OF_OTHERS = 4  # times fewer draws for a scenario that stands in the heat map alone
LARGEST = 1_000_000  # bytes of a text of one's own
ROOMS = ("model", "scenarios", "calibration", "experiments")

Share = Annotated[float, Field(gt=0.0, lt=1.0)]


class NeedTable(Table):
    """What is asked of the first scenario: what it would take to meet targets together, with a probability."""

    targets: list[Text] | None = Field(
        None, min_length=1, description="indicators; or the first headline target of the plan that has a probability"
    )
    probability: Share = Field(0.8, description="with which they are to be met together")


class PaperTable(Table):
    """A paper: which plan, scenarios and targets, which figures and tables, in which style and language."""

    model_config = ConfigDict(title="fiveyear paper")

    title: Text | None = Field(None, description="of the paper; or that of the text that is shipped")
    authors: list[Text] = Field([], description="in the order in which they stand under the title")
    plan: Text = Field(PLAN, description="the name of a shipped plan, or the path of a folder from this file on")
    facts: Text | None = Field(None, description="information set: what had been published when; or the plan's first")
    scenarios: list[Text] | None = Field(
        None,
        min_length=1,
        max_length=2,
        description="one or two that every figure shows, or those by which the plan is answered",
    )
    others: list[Text] | None = Field(None, description="those of the heat map, besides; or all that go with the plan")
    targets: list[Text] | None = Field(None, min_length=1, description="indicators; or all targets of the plan")
    draws: int = Field(DRAWS, ge=FEWEST, le=MOST_DRAWS, description="of all that is uncertain")
    seed: int = Field(SEED, ge=0, lt=2**63, description="the same seed gives the same numbers")
    figures: list[Text] | None = Field(None, description="names of figures; or all that the plan gives")
    tables: list[Text] | None = Field(None, description="names of tables; or all that the plan gives")
    style: Literal["column", "page", "slide"] = Field("page", description="what figures are drawn for")
    language: Literal["en", "zh"] = Field("en", description="of figures and tables")
    article: Text | None = Field(None, description="a Markdown file of one's own in place of the text shipped")
    need: NeedTable = Field(NeedTable.model_validate({}), description="what it would take")


@dataclass(frozen=True)
class Paper:
    """A checked paper. ``first``: the ensembles that every figure shows; ``others``: those of the heat map, besides."""

    table: PaperTable
    quick: bool
    first: tuple[Ensemble, ...]
    others: tuple[Ensemble, ...]
    article: str | None  # the text of one's own, if it is not the one shipped

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of its figures, in the order of the list of all."""
        return self._chosen(self.table.figures, contents.FIGURES)

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of its tables, in the order of the list of all."""
        return self._chosen(self.table.tables, contents.TABLES)

    def _chosen(self, names: Sequence[str] | None, entries: Mapping[str, contents.Entry]) -> tuple[str, ...]:
        return tuple(name for name in contents.given(entries, self.first) if names is None or name in names)

    @property
    def plan(self) -> Plan:
        """The plan, with the targets that the paper asks about."""
        return self.first[0].scenario.plan

    @property
    def draws(self) -> int:
        """How many draws of the scenarios that every figure shows."""
        return max(self.table.draws // (QUICK if self.quick else 1), FEWEST)

    @property
    def draws_of_others(self) -> int:
        """How many of the others."""
        return max(self.draws // OF_OTHERS, FEWEST)

    @cached_property
    def made_from(self) -> str:
        """All that its numbers hang on, as text: where it differs, they are computed again."""
        ensembles = (*self.first, *self.others)
        return json.dumps(
            {
                **self.table.model_dump(include={"draws", "seed", "need"}, mode="json"),
                "quick": self.quick,
                "plan": self.plan.as_dict(),
                "scenarios": [e.scenario.stored() for e in ensembles],
                "evidence": self.first[0].posterior.evidence.identity,
                "program": program(),
            },
            sort_keys=True,
            default=str,
        )


def of_program() -> dict[str, Path]:
    """Give every file of this program, by where it lies in its package."""
    own = Path(str(importlib.resources.files("fiveyear")))
    files = {path.name: path for path in own.iterdir() if path.is_file()}
    for room in ROOMS:
        folder = Path(str(importlib.resources.files(f"fiveyear.{room}")))
        files |= {f"{room}/{path.relative_to(folder)}": path for path in folder.rglob("*") if path.is_file()}
    aside = ("experiments/front/", ".")  # a second copy of the first, and what tools leave
    return {name: files[name] for name in sorted(files) if not name.startswith(aside) and "__pycache__" not in name}


def program() -> str:
    """Give the hash of this program: of where each file of its package lies, and of what it holds."""
    whole = hashlib.sha256()
    for name, path in of_program().items():
        whole.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def load(file: Path | None = None, quick: bool = False, style: str | None = None, language: str | None = None) -> Paper:
    """Give the paper of a file, or the one that is shipped; style and language take the place of those that it has.

    Paths in the file start beside it. Raises ModelError with every fault; a posterior that does not hold is one.
    """
    title, content = ("the paper", {}) if file is None else (str(file), toml_files.read(file))
    content |= {key: str(value) for key, value in (("style", style), ("language", language)) if value is not None}
    faults = structure_faults(PaperTable, content)
    wrong = {fault.key.partition(".")[0] for fault in faults}
    table = PaperTable.model_validate({key: value for key, value in content.items() if key not in wrong})
    beside = None if file is None else file.parent
    plan = load_plan(table.plan, beside)
    article, of_article = _article(table.article, beside or Path())
    faults += [*facts_faults(plan, table.facts), *_unknown(table, plan), *of_article]
    errors: list[ModelError] = [ScenarioError(title, faults)] if faults else []
    shown, others = (_scenarios(names, of, plan, beside, errors) for names, of in _asked(table))
    raise_all(errors)
    names = {scenario.name for scenario in shown}
    built = ensembles([*shown, *(s for s in others if s.name not in names)], None, table.facts, table.seed)
    require_one_plan([e.scenario for e in built])
    built = [_about(e, table.targets) for e in built]
    first = tuple(built[: len(shown)])
    paper = Paper(table, quick, first, tuple(built[len(shown) :]), article)
    faults = [*_not_given(table, plan, first), *_undrawable(table, first), *_of_wish(paper)]
    errors = [ScenarioError(title, faults)] if faults else []
    if table.article and (of_text := faults_of_text(article or "", paper.figures, paper.tables)):
        errors.append(ArticleError(table.article, of_text))
    raise_all(errors)
    return paper


def _asked(table: PaperTable) -> tuple[tuple[list[str] | None, Callable[[Plan], list[Scenario]]], ...]:
    """Give the names of scenarios that every figure shows, and of the others, each with what is taken without any."""
    return (table.scenarios, answered_by), (table.others, scenarios_of)


def _unknown(table: PaperTable, plan: Plan) -> Iterator[Fault]:
    """Yield the faults of names of figures, tables and targets, and of what is named twice."""
    choices = {
        "figures": contents.FIGURES,
        "tables": contents.TABLES,
        "targets": [t.indicator for t in plan.targets],
    }
    for key, names in choices.items():
        for name in dict.fromkeys(getattr(table, key) or ()):
            if name not in names:
                yield Fault(key, f"there is none called {name}", found=name, near=nearest(name, names))
    for key in (*choices, "scenarios", "others"):
        named = getattr(table, key) or ()
        for name in dict.fromkeys(name for name in named if named.count(name) > 1):
            yield Fault(key, f"{name} is named twice; expected each once", found=name)


def _scenarios(
    names: Sequence[str] | None,
    by_default: Callable[[Plan], list[Scenario]],
    plan: Plan,
    beside: Path | None,
    errors: list[ModelError],
) -> list[Scenario]:
    """Give the scenarios that can be read, and add what is wrong with others to ``errors``."""
    scenarios: list[Scenario] = []
    for give in [partial(by_default, plan)] if names is None else [partial(_named, n, plan, beside) for n in names]:
        try:
            scenarios += give()
        except ModelError as error:
            errors.append(error)
    return scenarios


def _not_given(table: PaperTable, plan: Plan, first: Sequence[Ensemble]) -> Iterator[Fault]:
    """Yield the figures and tables that are asked for and that the plan, or its targets asked for, cannot give."""
    for key, entries in (("figures", contents.FIGURES), ("tables", contents.TABLES)):
        given = contents.given(entries, first)
        for name in getattr(table, key) or ():
            if name not in given:
                text = f"{name}: {plan.title}, with these targets, does not give what it shows"
                yield Fault(key, text, found=name, expected=", ".join(given))


def _of_wish(paper: Paper) -> list[Fault]:
    """Give what is wrong with what the paper asks of its first scenario, if it shows the answer."""
    if any(contents.FIGURES[name].study == "need" for name in paper.figures):
        try:
            wish(paper)
        except InputError as error:
            return [fault.altered(key="need.targets", text=fault) for fault in error.faults]
    return []


def _named(name: str, plan: Plan, beside: Path | None) -> list[Scenario]:
    """Give the scenario of a path from the paper's file on, or of a name among those of the plan."""
    return [read_scenario(locate_scenario(name, beside if toml_files.is_path(name) else plan.folder / "scenarios"))]


def _article(name: str | None, beside: Path) -> tuple[str | None, list[Fault]]:
    if name is None:
        return None, []
    try:
        text = ordinary_files.read(beside / name, LARGEST).decode("utf-8")
    except OSError as error:
        why = error.strerror
    except UnicodeDecodeError:
        why = "it is not UTF-8"
    else:
        if text.strip():
            return text, []
        why = "it is empty"
    return None, [Fault("article", f"{name} cannot be read: {why}", found=name, expected="a Markdown file")]


def _undrawable(table: PaperTable, first: Sequence[Ensemble]) -> list[Fault]:
    """Give the texts with characters that no font has: figures would show boxes."""
    plan = first[0].scenario.plan
    texts = {"title": table.title or "", **{f"authors {n}": text for n, text in enumerate(table.authors, 1)}}
    texts |= {f"plan {plan.name}, title": plan.title}
    texts |= {f"scenario {e.scenario.name}, title": e.scenario.title for e in first}
    texts |= {f"plan {plan.name}, targets.{t.indicator}.label": t.label for t in plan.targets}
    return [Fault(key, f"no font has {signs}", found=signs) for key, t in texts.items() if (signs := undrawable(t))]


def _about(ensemble: Ensemble, names: Sequence[str] | None) -> Ensemble:
    """Give the ensemble whose plan has these targets alone."""
    if names is None:
        return ensemble
    return replace(ensemble, scenario=replace(ensemble.scenario, plan=ensemble.scenario.plan.about(names)))

"""The pages of docs/reference, from the code: each label, unit and sentence comes from where it is defined."""

from __future__ import annotations

import inspect
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import typer

import fiveyear
from fiveyear.calibration import posterior
from fiveyear.experiments import command_line
from fiveyear.experiments.forecast.schemas import KINDS, PATH, schema_of
from fiveyear.experiments.forecast.verdicts import CUT_POINTS
from fiveyear.experiments.page import markdown, web_page
from fiveyear.experiments.page.blocks import Block, Definition, Heading, Index, Listing, Paragraph, number, unit
from fiveyear.experiments.structure.equations import introductions
from fiveyear.experiments.structure.listing.content import listing
from fiveyear.model import INDICATORS, STATISTICS, Indicator, declarations
from fiveyear.scenarios import load_plan, load_scenario, scenario_names

PLANS = ("twelfth", "eleventh")
MOST_NAMED = 5  # of names that a key may take
FIRST = PLANS[0]  # the plan whose priors, posterior and levers are shown

#: Words of the answer that no file of the code defines; the rest of the glossary is read off the code.
WORDS = {
    "base year": "The last year that facts give; for the 12th plan 2010.",
    "behavioural": "Of a scenario: those who pay decide what is spent, so that R&D over GDP is an answer.",
    "details": "The second table of an answer: growth needed and so far, shortfall, rival forecasts, flags.",
    "directional": "A flag: a target that the plan states as a direction, outside the headline targets.",
    "draw": "One set of everything uncertain: parameters, outlook and shocks.",
    "driven by assumptions": "A flag: what the facts leave open of parameters makes most of the spread.",
    "epoch, drift of the": "Of what nobody foresees: the same growth in all years after the base year.",
    "growth so far": "Yearly growth from the year in brackets to the base year.",
    "information set": "The facts that had been published at some date; `july2011` is what a reader of the plan had.",
    "lever": "A Series that policy may move.",
    "met-at-base": "A flag: the target was met in the base year already.",
    "monitoring": "A flag: a target that is watched, outside the headline targets.",
    "nominal": "A flag: the target is counted in current prices.",
    "outlook": "How what is given goes on after the base year: GDP, prices, budgets, revenue, graduates.",
    "pool": "A rival forecast: the quantiles of the model and of the random walk, averaged.",
    "probability (Monte Carlo error)": "The share of draws that meet the target; the interval is of drawing so many.",
    "random walk": "A rival forecast: growth as it has been on average, with yearly shocks as they have been.",
    "record of earlier plans": "A rival forecast: the share of a promised rise that earlier plans delivered.",
    "reference class": "Series of other countries to 2010, which say how far off forecasts were.",
    "refused": "In place of a probability: the facts of the information set are too few for one.",
    "shocks": "What moves a quantity from year to year and no equation foresees.",
    "shortfall": "How far the draws that miss a target stay below it, on average.",
    "trend continues": "A rival forecast: growth goes on as it was.",
    "without facts": "A flag: no fact of the target is known, so that its chance rests on priors alone.",
    "unmeasurable": "A flag: no official statistic shows the target.",
}


def write(folder: Path) -> None:
    """Write every page into a folder; a page that has not changed is left alone, so that it is not built again."""
    folder.mkdir(exist_ok=True)
    pages = {
        "python.md": _python(),
        "command_line.md": _command_line(),
        "indicators.md": _indicators(),
        "levers.md": _levers(),
        "schema.md": _schemas(),
        "scenarios.md": _scenarios(),
        "glossary.md": _glossary(),
        **_of_the_listing(),
    }
    for name, text in pages.items():
        file, text = folder / name, text.rstrip("\n") + "\n"
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a table in Markdown; what stands in the cells is Markdown already."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace(chr(10), '<br>') for cell in line)} |" for line in lines)


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", *(part for part in parts if part)])


# --- Python, the command line ---


def _python() -> str:
    opening = inspect.cleandoc(fiveyear.__doc__ or "").split("\n\n")
    parts = [f"```python\nimport {fiveyear.__name__} as fy\n```", *(markdown.escaped(p) for p in opening)]
    for name in (n for n in fiveyear.__all__ if n != "__version__"):
        kind = "function"
        if inspect.isclass(of := getattr(fiveyear, name)):
            kind = "exception" if issubclass(of, Exception) else "class"
        # Objects of these classes are given by functions; how to make one is nobody's concern.
        members = "()\n   :members:" if kind == "class" else "()" if kind == "exception" else ""
        parts.append(f"```{{eval-rst}}\n.. auto{kind}:: fiveyear.{name}{members}\n```")
    return _page("Python", *parts)


def fields(lines: Sequence[str]) -> list[str]:
    """Give a docstring as Sphinx reads it: ``name : what it is`` under Parameters, and Returns, as fields.

    >>> fields(["Give it.", "", "Parameters", "----------", "a, b : numbers", "", "Raises Error."])
    ['Give it.', '', ':param a: numbers', ':param b: numbers', '', 'Raises Error.']
    """
    given: list[str] = []
    section, names = "", [""]
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if line and set(after) == {"-"}:
            section = line
        elif set(line) == {"-"}:
            continue
        elif section == "Parameters" and (match := re.fullmatch(r"(\w+(?:, \w+)*) : (.+)", line)):
            names = match[1].split(", ")
            given += [f":param {name}: {match[2]}" for name in names]
        elif section == "Returns" and line:
            given += [f":returns: {line}"]
            section = ""
        elif section == "Parameters" and line.startswith(" "):  # goes on with what was said
            given[-len(names) :] = [f"{said} {line.strip()}" for said in given[-len(names) :]]
        else:
            section = section if not line else ""
            given.append(line)
    return given


def _command_line() -> str:
    codes = {n: getattr(command_line, n) for n in ("BAD_INPUT", "NOT_WRITTEN", "INTERRUPTED", "TERMINATED")}
    words = ", ".join(f"{code} {name.lower().replace('_', ' ')}" for name, code in codes.items())
    command = typer.main.get_command(command_line.app)
    opening = f"Exit codes: 0 done, 1 a check found something, {words}."
    return _page("Command line", opening, *_commands(command, "", None))


def _commands(command: Any, name: str, above: Any) -> Iterator[str]:
    """Yield a section for a command, or for each command of a group."""
    context = command.context_class(command, info_name=name or "fiveyear", parent=above)
    commands = getattr(command, "commands", {})
    path = context.command_path
    if above is not None or not commands:
        yield f"{'##' if above is None or above.parent is None else '###'} {path}"
    yield from (markdown.escaped(p) for p in (command.help or "").split("\n\n"))
    if not commands:
        yield f"```text\n{' '.join([path, *command.collect_usage_pieces(context)])}\n```"
    records = [p.get_help_record(context) for p in command.get_params(context)]
    rows = [
        (f"`{form}`".replace("|", "\\|"), markdown.escaped(about))
        for form, about in filter(None, records)
        if form != "--help"
    ]
    if rows:
        yield table(("argument or option", "what it does"), rows)
    for below, of in commands.items():
        yield from _commands(of, below, context)


# --- the model ---


def _of_the_listing() -> dict[str, str]:
    """Give the pages that ``fiveyear model equations`` writes as one document."""
    whole = load_plan(FIRST).model
    fitted = posterior.load(posterior.evidence(load_plan(FIRST), None))
    document: Listing = listing(whole, fitted, introductions(whole))
    pages: dict[str, list[str]] = {name: [] for name in ("equations", "parameters", "series", "loops", "references")}
    own = {"Values of the series": "series", "Loops": "loops", "References": "references", "Indicators": ""}
    page, sector, begun = "equations", "", False
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 1:
            page, sector, begun = own.get(block.text, "equations"), block.text, True
        if isinstance(block, Heading) and block.level == 2 and block.text in ("Parameters", "Series"):
            page = block.text.lower()
            block = Heading(sector, 1)
        elif isinstance(block, Heading) and page in ("loops", "references"):
            continue  # the title of the page says it
        elif isinstance(block, Heading) and not begun:
            block = Heading(block.text, 1)
        if page:
            pages[page].append(_element(block))
    where = "Names are those of the code, with blanks for underscores; [equations](equations.md) says how to read them."
    evidence = fitted.evidence
    fit = f"Prior and posterior are of the plan `{evidence.plan.name}` with the facts of `{evidence.information_set}`."
    style = "\n".join(line for line in web_page.STYLE.splitlines() if line.startswith((".formula", "math")))
    return {
        "equations.md": _page("Equations", f"```{{raw}} html\n<style>{style}</style>\n```", *pages["equations"]),
        "parameters.md": _page("Parameters", f"{where} {fit}", *pages["parameters"]),
        "series.md": _page("Series", where, *pages["series"]),
        "loops.md": _page("Loops", where, *pages["loops"]),
        "references.md": _page("References", *pages["references"]),
    }


def _element(block: Block) -> str:
    """Give a block in MyST: formulas as MathML, which needs no network, and links from the index to equations."""
    if isinstance(block, Definition):
        head = markdown.element(Definition(block.number, block.name, block.unit, block.about, ())).split("\n\n$$")[0]
        formula = web_page.element(block).split("\n", 1)[1]
        return f"(equation-{block.number})=\n{head}\n\n```{{raw}} html\n{formula}\n```"
    if isinstance(block, Index):
        entries = []
        for name, place, about in block.entries:
            link = f"[({place})](#equation-{place}), " if place else ""
            entries.append(f"- {markdown.escaped(name)}: {link}{markdown.escaped(about)}")
        return "\n".join(entries)
    return markdown.element(block)


def _indicators() -> str:
    parts = [markdown.element(Paragraph(introductions(load_plan("twelfth").model)["indicators"]))]
    heads = ("name", "label", "what is read", "unit", "plausible", "meaning")
    for title, of in (("What plans count", INDICATORS), ("What statistics publish besides", STATISTICS)):
        parts += [f"## {title}", table(heads, [_indicator(name, indicator) for name, indicator in of.items()])]
    for plan in map(load_plan, PLANS):
        rows = [
            (markdown.escaped(t.label), f"`{t.indicator}`", f"{t.comparator} {number(t.value)}", unit(t.unit), t.kind)
            for t in plan.targets
        ]
        parts += [
            f"## Targets: {markdown.escaped(plan.title)}",
            table(("target", "indicator", "value", "unit", "kind"), rows),
        ]
    return _page("Indicators and targets", *parts)


def _indicator(name: str, of: Indicator) -> Sequence[str]:
    read = " over ".join(f"`{r.variable}` ({r.how})" for r in of.readings)
    read += f", its rise above {of.above}" if of.above else ""
    about = f"{of.about} Coverage: {of.coverage}."
    return (
        f"`{name}`",
        markdown.escaped(of.label),
        read,
        unit(of.unit),
        _range(of.low, of.high),
        markdown.escaped(about),
    )


def _range(low: float, high: float) -> str:
    return f"{number(low)} to {number(high)}" if math.isfinite(low) or math.isfinite(high) else ""


def _levers() -> str:
    plan = fiveyear.plan(FIRST)
    levers = plan.levers
    names = [s.name for s in map(load_scenario, scenario_names()) if s.plan.name == plan.name]
    rows = [
        (
            f"`{lever}`",
            markdown.escaped(row["about"]),
            unit(row["unit"]),
            f"{row['base']:.4g}",
            _range(row["low"], row["high"]),
            _where(row["acts_in"].split(", ") if row["acts_in"] else [], names),
        )
        for lever, row in levers.iterrows()
    ]
    heads = ("lever", "about", "unit", f"base ({plan.base_year})", "range", "acts_in")
    about = inspect.cleandoc(type(plan).levers.fget.__doc__ or "").replace("``", "`")  # type: ignore[attr-defined]
    return _page(f"Levers: {markdown.escaped(plan.title)}", about, table(heads, rows))


def _where(acting: Sequence[str], names: Sequence[str]) -> str:
    idle = [n for n in names if n not in acting]
    if len(acting) > len(idle):
        return "all scenarios" + (f" but {', '.join(f'`{n}`' for n in idle)}" if idle else "")
    return ", ".join(f"`{n}`" for n in acting) or "no shipped scenario"


# --- files ---


def _schemas() -> str:
    parts = []
    for kind in KINDS:
        schema: Mapping[str, Any] = schema_of(kind)
        parts += [
            f"## {kind.capitalize()}",
            f"`fiveyear scenario schema {kind}` prints the JSON Schema of which this is the content.",
        ]
        parts += [markdown.escaped(schema["description"])] if "description" in schema else []
        parts.append(_keys(schema))
        for name, definition in schema.get("$defs", {}).items():
            if "properties" in definition:
                parts += [
                    f"### {name} ({kind})",
                    markdown.escaped(definition.get("description", "")),
                    _keys(definition),
                ]
    return _page("Files: keys and what they take", *parts)


def _keys(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (
            f"`{key}`",
            "yes" if key in required else "",
            markdown.escaped(_kind(of)),
            f"`{json.dumps(of['default'])}`" if of.get("default") not in (None, [], {}) else "",
            markdown.escaped(of.get("description", "")),
        )
        for key, of in schema["properties"].items()
        if key != "$schema"
    ]
    return table(("key", "required", "takes", "default", "meaning"), rows)


def _kind(of: Mapping[str, Any]) -> str:
    """Give in words what a schema allows."""
    if "$ref" in of:
        return f"a table, {of['$ref'].rsplit('/', 1)[1]}"
    if "anyOf" in of:
        return " or ".join(dict.fromkeys(_kind(o) for o in of["anyOf"] if o.get("type") != "null"))
    if "enum" in of:
        first = ", ".join(f"`{value}`" for value in of["enum"][:MOST_NAMED])
        return f"one of {first}" + (f" and {more} more" if (more := len(of["enum"]) - MOST_NAMED) > 0 else "")
    if "const" in of:
        return f"`{of['const']}`"
    if of.get("type") == "array":
        return f"a list: {_kind(of['items'])}" if "items" in of else "a list"
    if of.get("type") == "object":
        if "properties" in of:
            table = next(iter(of["properties"].values()))["then"]["allOf"][0]
            return f"by name of {of['additionalProperties']['const']}: {_kind(table)}"
        inner = next(iter(of.get("patternProperties", {}).values()), of.get("additionalProperties"))
        return f"by name or year: {_kind(inner)}" if isinstance(inner, Mapping) else "a table"
    if of.get("pattern") == PATH:
        return "a path to a file"
    words = {"string": "text", "number": "a number", "integer": "a whole number", "boolean": "true or false"}
    limits = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    bounds = "".join(f" {word} {of[key]:,g}" for key, word in limits.items() if key in of)
    return words.get(of.get("type", ""), "any value") + bounds


def _scenarios() -> str:
    scenarios = [load_scenario(name) for name in scenario_names()]
    parts = []
    for plan in dict.fromkeys(s.plan.name for s in reversed(scenarios)):
        own = [s for s in scenarios if s.plan.name == plan]
        rows = [(f"`{s.name}`", markdown.escaped(s.title), markdown.escaped(s.expect)) for s in own]
        parts += [f"## Plan `{plan}`", table(("name", "title", "what to expect"), rows)]
    return _page(
        "Scenarios", "`fiveyear scenario list` prints the names, `fiveyear scenario show NAME` one of them.", *parts
    )


def _glossary() -> str:
    words = {word: markdown.escaped(about) for word, about in WORDS.items()}
    for kind in get_args(declarations.Declaration):
        about = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0]
        words[kind.__name__] = markdown.escaped(about.replace("``", "`"))
    upper = 1.0
    for low, verdict in CUT_POINTS:
        words[verdict] = f"The verdict on a probability from {low:g}" + (
            f" and below {upper:g}." if upper < 1 else " on."
        )
        upper = low
    entries = [f"{word}\n  {about}" for word, about in sorted(words.items(), key=lambda entry: entry[0].casefold())]
    return _page("Glossary", "```{glossary}\n" + "\n\n".join(entries) + "\n```")

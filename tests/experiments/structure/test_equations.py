"""``fiveyear model equations``: the listing is complete, says what the code computes, and survives any text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path
from typing import Any

import markdown_it
import numpy as np
import pytest

from fiveyear.experiments.forecast.ensemble import Ensemble
from fiveyear.experiments.page import markdown, tex, web_page
from fiveyear.experiments.page.blocks import Definition, Grid, Heading, Index, Listing, Paragraph, References, Table
from fiveyear.experiments.structure import equations
from fiveyear.experiments.structure.listing.content import listing, works_cited
from fiveyear.experiments.structure.listing.formulas import Formulas
from fiveyear.model import INDICATORS, Model
from fiveyear.model.latex import latex, printed
from fiveyear.model.reference import Run
from fiveyear.model.typeset import Row, wide
from fiveyear.scenarios import load_plan

WHOLE = load_plan("twelfth").model

Words = Callable[..., Any]  # words -> how it ended: code, out, err
WRITERS = {".tex": tex.written, ".md": markdown.written, ".html": web_page.written}
DEFINED = {
    ".tex": r"\\variable\{([^}$#]*)",
    ".md": r"\*\*(.+?)\*\*",
    ".html": r"<b>(.*?)</b>",
}
HOSTILE = r'100 % of $x_1$ & #3 ~^{}\input{z} "q" |a|b| <script> *s* _e_ [l](u) !`é中–→ `code_x` {{}} \\ --- 1. -'


@pytest.fixture(scope="module")
def whole(shipped: Callable[..., Ensemble]) -> Listing:
    model = WHOLE
    return listing(model, shipped().posterior, equations.introductions(model))


# -- a reader of the LaTeX that is printed ------------------------------------------------------------------
TOKEN = re.compile(
    r"\\(?:begin|end)\{cases\}|\\text\{[^}]*\}|\\math(?:rm|it)\{[^}]*\}|\\(?:left|right)[()|]|\\[a-z]+|\d+(?:\.\d+)?|\S"
)
SIGNS = {r"\le": "<=", r"\ge": ">=", "<": "<", ">": ">", "=": "==", r"\land": "&", r"\lor": "|"}


class Reader:
    """Turn a formula in the LaTeX of ``fiveyear.model.latex`` into a Python expression."""

    def __init__(self, text: str) -> None:
        self.tokens = TOKEN.findall(text)

    def next(self) -> str:
        return str(self.tokens.pop(0)) if self.tokens else ""

    def sees(self, *tokens: str) -> bool:
        return bool(self.tokens) and self.tokens[0] in tokens

    def take(self, token: str) -> None:
        assert self.next() == token

    def condition(self) -> str:
        found = self.sum()
        while self.sees(*SIGNS):
            found = f"({found} {SIGNS[self.next()]} {self.sum()})"
        return found

    def sum(self) -> str:
        found = f"(-{self.product()})" if self.sees("-") and self.next() else self.product()
        while self.sees("+", "-"):
            found = f"({found} {self.next()} {self.product()})"
        return found

    def product(self) -> str:
        found = self.power()
        while self.sees(r"\cdot", "/"):
            found = f"({found} {'/' if self.next() == '/' else '*'} {self.power()})"
        return found

    def power(self) -> str:
        base = self.atom()
        return f"({base} ** {self.braced()})" if self.sees("^") and self.next() else base

    def braced(self) -> str:
        self.take("{")
        found = self.condition()
        self.take("}")
        return found

    def index(self) -> str:
        if not (self.sees("_") and self.next()):
            return "''"
        self.take("{")
        found = ""
        while not self.sees("}"):
            found += self.next()
        self.take("}")
        return repr(found[8:-1].replace(r"\ ", "_")) if found.startswith(r"\mathrm") else found

    def atom(self) -> str:
        token = self.next()
        if token.startswith((r"\mathrm", r"\mathit")):
            kind = "value" if token[5:7] == "rm" else "part"
            return f"{kind}({token[8:-1].replace(chr(92) + ' ', '_')!r}, {self.index()})"
        if token == r"\frac":
            return f"({self.braced()} / {self.braced()})"
        if token == r"\sqrt":
            return f"({self.braced()} ** 0.5)"
        if token in (r"\left(", r"\left|"):
            inner = self.condition()
            self.take(r"\right)" if token.endswith("(") else r"\right|")
            return f"({inner})" if token.endswith("(") else f"abs({inner})"
        if token in (r"\exp", r"\ln", r"\min", r"\max"):
            self.take(r"\left(")
            found = [self.sum()]
            while self.sees(","):
                self.next()
                found.append(self.sum())
            self.take(r"\right)")
            return f"{token[1:]}_({', '.join(found)})"
        if token == r"\sum":
            index = self.index()
            return f"sum({self.product()} for {index} in members({index!r}))"
        if token == r"\begin{cases}":
            yes = self.sum()
            self.take("&")
            self.take(r"\text{if }")
            condition = self.condition()
            self.take(r"\cr")
            no = self.sum()
            for expected in ("&", r"\text{otherwise}", r"\end{cases}"):
                self.take(expected)
            return f"where_({condition}, {yes}, {no})"
        assert re.fullmatch(r"\d+(\.\d+)?", token), token
        return token


def computed(text: str, **names: Any) -> Any:
    reader = Reader(text)
    expression = reader.sum()
    assert not reader.tokens, reader.tokens
    words = {"exp_": np.exp, "ln_": np.log, "min_": np.minimum, "max_": np.maximum, "where_": np.where}
    return eval(expression, {**words, **names})


def test_every_printed_equation_computes_what_the_function_computes() -> None:
    model, random = WHOLE, np.random.default_rng(3)
    formulas = Formulas(model)
    for variable in (n for n in formulas.once if n in model.equations):
        equation, own = model.equations[variable], formulas.members.get(variable)
        values = {n: random.uniform(0.1, 3.0, 50) for n in equation.inputs}

        def value(name: str, index: str, values: Mapping[str, Any] = values) -> Any:
            return values[f"{name}_{index}" if index else name]

        words: dict[str, Any] = {"value": value, "i": own.member if own else None}

        def part(name: str, index: str, variable: str = variable, words: dict[str, Any] = words) -> Any:
            assert not index
            return computed(latex(formulas.term(variable, name)), **words)

        words["part"] = part
        words["members"] = lambda index: formulas.members["rival_citations_france"].group.members
        arguments = [tuple(values[n] for n in a) if isinstance(a, tuple) else values[a] for a in equation.arguments]
        found = computed(latex(formulas.term(variable)), **words)
        np.testing.assert_allclose(found, equation.function(*arguments), rtol=1e-12, err_msg=variable)


def test_the_named_parts_of_an_equation_stand_below_it() -> None:
    first, *parts = (printed(Row(tuple(b for line in f for b in line))) for f in Formulas(WHOLE).of("hires_wanted"))
    assert first == (
        r"\mathrm{hires\ wanted} = \mathit{margin} \cdot \mathit{fading}^{2}"
        r" + \max\left(\mathit{needed} - \mathit{margin}, 0\right)"
    )
    assert [p.split(" = ")[0] for p in parts] == [
        r"\text{where } \mathit{margin}", r"\text{and } \mathit{fading}", r"\text{and } \mathit{needed}",
    ]  # fmt: skip


def sides(formulas: Formulas, variable: str) -> Iterator[tuple[str, str]]:
    for formula in formulas.of(variable):
        left, right = printed(Row(tuple(b for line in formula for b in line))).split(" = ", 1)
        yield left, right.split(r" \text{, }")[0]


def test_the_stages_of_a_chain_start_and_move_as_a_run_has_them(shipped: Callable[..., Ensemble]) -> None:
    model, formulas = WHOLE, Formulas(WHOLE)
    run = Run(model, shipped().median_inputs())
    states = run.initial()
    values = run.values(float(run.first_year), states)
    rates = dict(zip(run.state_names, run.rates(values), strict=True))
    for chain, declared in model.chains.items():
        stages = range(1, declared.stages + 1)

        def value(name: str, index: Any) -> Any:
            return values[name.removesuffix("(0)") + (f"_{index}" if index else "")]

        words: dict[str, Any] = {"value": value, "members": lambda _, stages=stages: stages}
        whole, first, later, start, where = sides(formulas, chain)
        w = computed(where[1], **words)
        for k in stages:
            weights = {"w": w, "k": k}
            # A name in a sum over l is the index itself.
            text = start[1].replace(r"\mathit{l}", r"\mathrm{place} _{l}")
            given = {**words, "value": lambda n, i: i if n == "place" else value(n, i), "k": k}
            found = computed(text, **given, part=lambda n, _, weights=weights: weights[n])
            np.testing.assert_allclose(found, values[f"{chain}_{k}"], rtol=1e-12)
            rate = computed((first if k == 1 else later)[1], **words, k=k)
            np.testing.assert_allclose(rate, rates[f"{chain}_{k}"], rtol=1e-12)
        np.testing.assert_allclose(computed(whole[1], **words), values[chain], rtol=1e-12)
        ((_, leaving),) = sides(formulas, declared.outflow)
        np.testing.assert_allclose(computed(leaving, **words), values[declared.outflow], rtol=1e-12)


def test_stocks_change_by_their_flows_and_start_as_declared() -> None:
    change, start = sides(Formulas(WHOLE), "candidates")
    assert change == (
        r"\frac{\text{d } \mathrm{candidates}}{\text{d } \mathit{t}}",
        r"\mathrm{candidates\ entering} - \mathrm{hiring} - \mathrm{candidates\ leaving}",
    )
    assert start == (r"\mathrm{candidates} \text{(0)}", r"\mathrm{candidates\ at\ start}")
    *_, start = sides(Formulas(WHOLE), "effort_gain")
    assert start[1] == "0"


# -- what the listing says ----------------------------------------------------------------------------------
@pytest.mark.parametrize("form", sorted(WRITERS))
def test_every_variable_indicator_and_loop_is_defined_exactly_once(whole: Listing, form: str) -> None:
    model = WHOLE
    formulas = Formulas(model)
    defined = Counter(re.findall(DEFINED[form], WRITERS[form](whole)))
    names = [*(formulas.name(n).words for n in formulas.once), *(n.replace("_", " ") for n in INDICATORS)]
    assert defined == Counter([*names, *model.loops])
    covered = {n for once in formulas.once for n in formulas.all_of(once)}
    assert covered == set(model.names)


def test_no_line_of_a_formula_runs_off_the_page(whole: Listing) -> None:
    found = [line for b in whole.blocks if isinstance(b, Definition) for formula in b.formulas for line in formula]
    assert len(found) > 100
    assert max(wide(Row(line)) for line in found) <= 100.0


def cells(whole: Listing, words: str) -> tuple[str, ...]:
    (row,) = [row for b in whole.blocks if isinstance(b, Table) for name, row in b.rows if name.words == words]
    return row


def test_parameters_have_their_prior_posterior_and_source(whole: Listing, shipped: Callable[..., Ensemble]) -> None:
    draws = shipped().posterior.parameters["cost_elasticity"]
    _, unit, prior, posterior, source = cells(whole, "cost elasticity")
    assert (unit, prior) == ("1\n−1 to 2", "normal, mean 0.35, sd 0.15")
    assert source == (
        "assumed: pay takes up part of a rise in spending (Goolsbee 1998); half a person-year's cost is not pay"
    )
    numbers = [float(n.replace("−", "-")) for n in re.findall(r"[−\d.]+", posterior)]
    np.testing.assert_allclose(numbers, np.quantile(draws, [0.5, 0.05, 0.95]), atol=6e-4)
    assert cells(whole, "attrition rate")[2:] == (
        "fixed: 0.04", "none: fixed by the plan", "assumed: a career of about 25 years in R&D",
    )  # fmt: skip


def test_members_of_a_group_share_a_row_and_differ_where_they_do(whole: Listing) -> None:
    _, _, value, posterior, source = cells(whole, "counted citations")
    assert value.splitlines()[4] == "France: fixed: 6.3\xa0×\xa010⁶"
    assert value.startswith("United States: ")
    assert len(value.splitlines()) == 8
    assert posterior == "none: fixed by the plan"
    assert "\n" not in source


def test_series_say_where_their_numbers_come_from(whole: Listing) -> None:
    assert cells(whole, "planned rd intensity")[3].endswith("\nFrom 2011 to 2015: a scenario must give it.")
    assert cells(whole, "planned rd intensity")[2] == "over the year\nlever"
    assert "Plan: 2005: 0, 2008: 0, 2009: 1; the second national R&D census" in cells(whole, "census done")[3]
    assert (
        "From 2011, outlook: growth, in %/year, about a steady state: mean 9.2, sd 2.5; shock of a year, sd some 1.8; "
        "of a deviation some 0.5 lasts a year" in cells(whole, "gdp real")[3]
    )
    assert "about a steady state: mean 0.48, sd 0.1; shock" in cells(whole, "population")[3]
    assert (
        "change, in percentage points a year, about a steady state: mean −0.2, sd 0.3; shock"
        in cells(whole, "manufacturing share")[3]
    )
    assert (
        "change, in rank/year, about a steady state: mean 0; shock of a year, sd some 1; of a deviation some 0 lasts"
        in cells(whole, "innovation standing")[3]
    )
    assert (
        "To 2010, fitted; from 2011, drawn: a shock a year, sd 0.3; drift of the epoch: 0.22 (sd 0.2) of the mean "
        "shock before, and what is new, sd 0; reference class" in cells(whole, "capacity surprise")[3]
    )


def test_indicators_and_loops_are_told(whole: Listing) -> None:
    assert cells(whole, "rd intensity")[1] == "rd counted, total over the year\nover\ngdp counted, total over the year"
    meaning, way, cut, of_plan = cells(whole, "R4")
    assert meaning.endswith("reinforcing (+)")
    assert way.startswith("patents in force → applications → ")
    assert cut == "Feeds patents in force at start to applications, in place of patents in force."
    assert of_plan == "closed"
    assert cells(whole, "FINANCE")[3] == cells(whole, "R1")[3] == "cut"
    assert cells(whole, "R1")[1].endswith("\nThe same way round as FINANCE, cut at another place.")
    assert any(t.startswith("The plan `twelfth` cuts FINANCE and R1; all others are closed") for t in texts(whole))
    assert sum("same way round" in cell for loop in WHOLE.loops for cell in cells(whole, loop)) == 2


def texts(whole: Listing) -> list[str]:
    return [block.text for block in whole.blocks if isinstance(block, Paragraph)]


def test_the_opening_says_of_which_run_the_listing_is(whole: Listing) -> None:
    rows = next(b for b in whole.blocks if isinstance(b, Grid)).rows
    assert {row[0]: row[1] for row in rows} == {
        "software": f"fiveyear, version {version('fiveyear')}",
        "plan": "`twelfth`: 12th Five-Year S&T plan of China, 2011-2015",
        "first simulated day": "1 January 2005",
        "last simulated day": "31 December 2015",
        "base year": "2010, the last with facts; what is real is in prices of 2010",
        "information set": "`july2011`: what had been published by July 2011",
        "integration": "classical Runge-Kutta method of fourth order (RK4), steps of 0.125 years at most",
        "fingerprint of the equations": WHOLE.structure(WHOLE.names)[:16],
    }
    said = " ".join(texts(whole))
    assert "year 2010 is the interval [2010, 2011)" in said
    assert said.count("straight lines between year ends") == 1
    assert "constant within" not in said  # no series of the model is
    for place in ("calibration/likelihood.py", "calibration/outlook.py", "fiveyear calibrate"):
        assert f"`{place}`" in said
    for place in re.findall(r"`(\w+/\w+\.py)`", said):
        assert (Path(str(equations.__file__)).parents[2] / place).is_file()


def test_series_have_their_values_as_a_run_in_the_middle_has_them(
    whole: Listing, shipped: Callable[..., Ensemble]
) -> None:
    model, given = WHOLE, shipped().median_inputs()
    (grid,) = [b for b in whole.blocks if isinstance(b, Grid) and b.texts == 2 and len(b.columns) > 2]
    assert [title for title, _ in grid.columns[2:]] == [str(year) for year in range(2005, 2016)]
    assert [row[0].replace(" ", "_") for row in grid.rows] == list(model.series)
    sizes = {"trillion": 1e12, "billion": 1e9, "million": 1e6, "thousand": 1e3, "%": 0.01, "%/year": 0.01}
    for name, unit, *numbers in grid.rows:
        blank = 5 if name == "planned rd intensity" else 0
        assert [cell == "" for cell in numbers] == [False] * (11 - blank) + [True] * blank, name
        found = [float(cell.replace(",", "").replace("−", "-")) for cell in numbers[: 11 - blank]]
        expected = np.asarray(given.series[name.replace(" ", "_")])[: 11 - blank] / sizes.get(unit.split(" ")[0], 1.0)
        np.testing.assert_allclose(found, expected, atol=0.006 * float(np.max(np.abs(expected))), err_msg=name)
    rows = {row[0]: row[1:] for row in grid.rows}
    assert rows["population"][:2] == ("million person", "1,308")
    assert rows["planned rd intensity"][0] == "%"


def test_a_plan_of_many_years_has_its_values_in_tables_that_fit_the_page(shipped: Callable[..., Ensemble]) -> None:
    posterior = shipped().posterior
    plan = replace(posterior.evidence.plan, end=2030)
    whole = listing(WHOLE, replace(posterior, evidence=replace(posterior.evidence, plan=plan)), {})
    grids = [b for b in whole.blocks if isinstance(b, Grid)][1:]
    assert [len(grid.columns) for grid in grids] == [13, 13, 6]
    assert {len(row) for grid in grids for row in grid.rows} == {13, 6}


@pytest.mark.parametrize(
    ("form", "head"),
    [
        (".tex", r"^\((\d+)\)\\quad\\variable\{([^}$]*)"),
        (".md", r"^\((\d+)\) \*\*(.+?)\*\*"),
        (".html", r'id="equation-(\d+)"><span class="number">\(\1\)</span><b>(.*?)</b>'),
    ],
)
def test_equations_are_numbered_through_and_found_by_an_index(whole: Listing, form: str, head: str) -> None:
    found = [(n, int(i)) for i, n in re.findall(head, WRITERS[form](whole), re.MULTILINE)]
    assert [number for _, number in found] == list(range(1, len(found) + 1))
    index = whole.blocks[-1]
    assert isinstance(index, Index)
    assert [(n, i) for n, i, _ in index.entries if i] == sorted(found, key=lambda pair: pair[0])
    formulas = Formulas(WHOLE)
    assert [n for n, _, _ in index.entries] == sorted(formulas.name(n).words for n in formulas.once)
    assert ("crowding", 0, "parameter, finance") in index.entries
    assert ("population", 0, "series, economy") in index.entries
    assert ("hiring", dict(found)["hiring"], "workforce") in index.entries
    end = WRITERS[form](whole)[-20_000:]
    assert re.search(rf"hiring: (<a href=\"#equation-\d+\">)?\({dict(found)['hiring']}\)(</a>)?, workforce", end)


def test_values_stand_in_the_unit_of_their_column_and_are_easily_read(whole: Listing) -> None:
    assert cells(whole, "enterprise share of rd")[1:3] == ("share\n0.1 to 1", "fixed: 0.7")
    assert cells(whole, "foreign applications at start")[2] == "fixed: 72,095"
    assert cells(whole, "reference rd spending")[2] == "fixed: 7\xa0×\xa010¹¹"


def test_every_heading_of_the_document_asks_for_room_below_it(whole: Listing) -> None:
    written = tex.written(whole)
    headings = [b for b in whole.blocks if isinstance(b, Heading)]
    assert "What accumulates" not in {h.text for h in headings}
    assert len(re.findall(r"^\\room\{\d+\}\\(?:sub)?section\*", written, re.MULTILINE)) == len(headings) > 30
    assert len(re.findall(r"\\(?:sub)?section\*", written)) == len(headings)


REFERENCES = Path(str(equations.__file__)).parents[2] / "model" / "references.toml"
NAME = r"(?:(?:van|Van|den|de|von|la) )*[A-Z][\w'’-]+"
CITATION = rf"{NAME}(?:(?:, {NAME})* & {NAME})? \d{{4}}"


def test_every_work_cited_in_a_sentence_of_the_model_has_its_reference() -> None:
    model = WHOLE
    texts = [*equations.introductions(model).values(), *(model.about(n) for n in model.names)]
    flat = re.sub(r" \((\d{4})\)", r" (\1)", " ".join(" ".join(texts).split()))
    inside = " ".join(re.findall(r"\([^()]*\d{4}[^()]*\)", flat))
    cited = {*re.findall(CITATION, inside), *(c.replace("(", "").replace(")", "") for c in
             re.findall(rf"{CITATION[:-7]} \(\d{{4}}\)", flat))}  # fmt: skip
    assert {"Griliches 1990", "Hu & Jefferson 2009", "den Haan, Ramey & Watson 2000", "Little 1961"} <= cited
    assert [c for c in sorted(cited) if len(works_cited([c])) != 1] == []


def test_every_reference_is_cited(whole: Listing) -> None:
    (works,) = [block.works for block in whole.blocks if isinstance(block, References)]
    assert len(works_cited([REFERENCES.read_text()])) == len(works)
    assert not [work for work in works if re.search(r"\d-\d", work)]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (".tex", r"$\lambda$W. \emph{Operations Research} 9(3), 383\mbox{--}387."),
        (".md", "L = λW. *Operations Research* 9(3), 383–387."),
        (".html", "L = λW. <i>Operations Research</i> 9(3), 383–387."),
    ],
)
def test_journals_stand_in_italics_and_ranges_with_dashes(whole: Listing, form: str, expected: str) -> None:
    written = WRITERS[form](whole)
    assert expected in written
    assert len(re.findall({".tex": r"\\emph\{", ".md": r" \*[A-Z]", ".html": "<i>"}[form], written)) == len(
        works_cited([REFERENCES.read_text()])
    )
    assert not re.search(r"\b20\d\d-20\d\d\b", written)
    assert "1999-" in written  # a month


# -- any text, any input ------------------------------------------------------------------------------------
def hostile_listing(shipped: Callable[..., Ensemble]) -> Listing:
    model: Model = WHOLE
    gdp = replace(model.equations["gdp"], about=HOSTILE)
    population = replace(model.series["population"], about=HOSTILE)
    model = replace(model, equations={**model.equations, "gdp": gdp}, series={**model.series, "population": population})
    return listing(model, shipped().posterior, {"economy": f"{HOSTILE}\n\n1. {HOSTILE}", "loops": f"- {HOSTILE}"})


def test_hostile_text_survives_in_latex(shipped: Callable[..., Ensemble]) -> None:
    found = tex.written(hostile_listing(shipped))
    assert found.isascii()
    assert r"\input" not in found
    assert found.count(r"\textbackslash{}input\{z\}") == 5
    assert r"100 \% of \$x\_\allowbreak{}1\$ \& \#3" in found
    assert "eU+4E2D" in found
    depth = 0
    for brace in re.findall(r"\\.|[{}]", found, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        assert depth >= 0
    assert depth == 0


class Text(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags = "", set[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


PLAIN = HOSTILE.replace("`code_x`", "code_x")


def test_hostile_text_survives_in_html_and_no_network_is_asked(shipped: Callable[..., Ensemble]) -> None:
    page = web_page.written(hostile_listing(shipped))
    found = Text(page)
    assert found.text.count(PLAIN) == 5
    assert not found.tags & {"script", "link", "img", "iframe"}
    assert "http" not in page
    assert "url(" not in page


def test_hostile_text_and_formulas_survive_in_markdown(shipped: Callable[..., Ensemble]) -> None:
    text = markdown.written(hostile_listing(shipped))
    parser = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])
    found = Text(parser.render(text))
    assert found.text.replace("\u200b", "").count(PLAIN) == 5
    assert found.tags <= {"h1", "h2", "h3", "p", "strong", "em", "sub", "code", "ul", "li", "br"} | {
        "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    formulas = re.findall(r"^\$\$\n(.*)\n\$\$$", text, re.MULTILINE)
    assert len(formulas) > 80
    assert all(Text(parser.render(f"$$\n{f}\n$$")).text.strip() == f"$$\n{f}\n$$" for f in formulas)


# -- the command --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", sorted(WRITERS))
def test_the_same_input_gives_the_same_bytes(fiveyear: Words, tmp_path: Path, form: str) -> None:
    one, two = (tmp_path / f"{name}{form}" for name in ("one", "two"))
    for file in (one, two):
        ended = fiveyear("model", "equations", "--out", file)
        assert (ended.code, ended.out, ended.err) == (0, f"written: {file}\n", "")
    assert one.read_bytes() == two.read_bytes()


def test_another_plan_and_information_set_are_told_by_name(fiveyear: Words, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    assert fiveyear("model", "equations", "--out", file, "--facts", "yearbook").code == 0
    assert "`yearbook`: what had been published by December 2011 |" in file.read_text()
    assert fiveyear("model", "equations", "--out", file, "--plan", "eleventh", "--force").code == 0
    assert file.read_text().startswith("# Equations of the model: 11th Five-Year plans of China")
    assert "published by December 2011 |" in file.read_text()


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        pytest.param(("a.pdf",), "a.pdf has 1 fault:\n  ends in .pdf; expected .tex, .md, .html", id="unknown suffix"),
        pytest.param(("a",), "ends in nothing; expected .tex, .md, .html", id="no suffix"),
        pytest.param(("a.md", "--facts", "july"), "no such information set; it has july2011, yearbook", id="facts"),
        pytest.param(("a.md", "--plan", "tenth"), "tenth", id="plan"),
    ],
)
def test_what_cannot_be_listed_is_refused_and_nothing_is_written(
    fiveyear: Words, tmp_path: Path, words: tuple[str, ...], fault: str
) -> None:
    ended = fiveyear("model", "equations", "--out", tmp_path / words[0], *words[1:])
    assert (ended.code, ended.out) == (2, "")
    assert fault in ended.err
    assert "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []


def test_an_existing_listing_is_kept_unless_forced(fiveyear: Words, tmp_path: Path) -> None:
    file = tmp_path / "a.tex"
    file.write_text("mine")
    ended = fiveyear("model", "equations", "--out", file)
    assert ended.code == 2
    assert "exists; --force writes over it" in ended.err
    assert file.read_text() == "mine"
    assert fiveyear("model", "equations", "--out", file, "--force").code == 0
    assert file.read_text().startswith(r"\documentclass")

"""Building a paper: only what is missing or stale is made, by pytask, each file whole or not at all."""

from __future__ import annotations

import hashlib
import json
import pickle
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from fiveyear.experiments.console import files
from fiveyear.experiments.console.errors import MissingPackageError, WriteError
from fiveyear.experiments.console.language import say, speaking
from fiveyear.experiments.page.comma_separated import drawn
from fiveyear.experiments.page.figure import Form, printed
from fiveyear.experiments.page.markdown import escaped
from fiveyear.experiments.page.style import house_style

from . import article, numbers, typesetting
from .contents import FIGURES, TABLES, Entry
from .paper_file import Paper
from .studies import STUDIES, command

#: Where it keeps what a further build need not compute again; a folder that has none is not ours.
KEPT = ".build"
MANIFEST, NUMBERS, TEXT, PRINTED = "manifest.json", "numbers.json", "paper.md", "paper.pdf"
FORMS: tuple[Form, ...] = ("pdf", "svg", "png")
OF_TABLES = ("csv", "tex", "md")
DIGITS = 6  # in CSV files: those beyond differ from processor to processor where something was fitted

Files = Mapping[str, Path]


def require_ours(out: Path) -> None:
    """Raise WriteError unless a folder is there that a paper was built in, or is empty, or is not there."""
    if out.is_dir() and any(out.iterdir()) and not (out / KEPT).is_dir():
        raise WriteError(f"{out}: holds other files; expected a folder of an earlier build, an empty one, or none")
    files.folder(out)
    files.folder(out / KEPT)


def build(paper: Paper, out: Path, words: str, tell: Callable[[str], None] = lambda line: None) -> list[Path]:
    """Build what is missing or stale, and give all files of the paper; ``words``: the command, for the manifest.

    What was finished before an error, or a kill, is there for the next build. Raises WriteError if the folder is not
    ours, MissingPackageError without pytask or Typst, and whatever keeps a study from being computed.
    """
    require_ours(out)
    typesetting.require_typst()
    try:
        import pytask
    except ImportError:
        raise MissingPackageError("the paper", ['pytask is not installed; pip install "fiveyear[paper]"']) from None
    for folder in (out, out / "figures", out / "tables", out / KEPT):
        files.folder(folder)
        files.remove_abandoned(folder)
    settings = out / KEPT / "pytask.toml"  # or pytask would take those of a project around the folder
    files.write_whole(settings, lambda file: file.write_text("[tool.pytask.ini_options]\n", encoding="utf-8"))
    pytask.console.quiet = True
    with warnings.catch_warnings():
        session = pytask.build(
            tasks=list(_tasks(paper, out.absolute(), tell)),  # pytask takes other paths to start beside this file
            paths=out / KEPT,
            config=settings,
            capture="no",
            verbose=0,
        )
    for report in session.execution_reports:
        if report.outcome == pytask.TaskOutcome.FAIL and report.exc_info and report.exc_info[1]:
            raise report.exc_info[1].with_traceback(report.exc_info[2])
    if session.exit_code != pytask.ExitCode.OK:
        raise RuntimeError(f"pytask ended with {session.exit_code!r}")
    made = sorted(_files(paper))
    _remove_others(out, made)
    _write_manifest(paper, out, made, words)
    return [out / name for name in (*made, MANIFEST)]


# -- what is made of what -----------------------------------------------------------------------------------
def _tasks(paper: Paper, out: Path, tell: Callable[[str], None]) -> Iterator[Any]:
    look = json.dumps([paper.table.style, paper.table.language])

    def task(name: str, make: Callable[[Files], Mapping[str, bytes]], uses: Files, of: str, produces: Files) -> Any:
        """Give a task: ``make`` gives the content of each of the files to produce."""
        import pytask

        def run(produces: Files, of: str, **uses: Path) -> None:
            begun = time.monotonic()
            for key, content in make(uses).items():
                files.write_whole(produces[key], partial(_write, content))
            tell(f"{name}: {time.monotonic() - begun:.1f} s")

        given = {**uses, "of": pytask.PythonNode(value=of, hash=True), "produces": dict(produces)}
        return pytask.task(name=name, kwargs=given)(run)

    kept = {name: out / KEPT / f"{name}.pickle" for name in _studies(paper)}
    for name, file in kept.items():
        yield task(f"study {name}", partial(_studied, paper, name), {}, paper.made_from, {"result": file})
    for name in paper.figures:
        uses, made = _uses(FIGURES[name], kept), _of_figure(out, name)
        yield task(f"figure {name}", partial(_figure, paper, FIGURES[name]), uses, paper.made_from + look, made)
    for name in paper.tables:
        uses, made = _uses(TABLES[name], kept), {form: out / "tables" / f"{name}.{form}" for form in OF_TABLES}
        yield task(f"table {name}", partial(_table, paper, name), uses, paper.made_from + paper.table.language, made)
    yield task(NUMBERS, partial(_numbers, paper), kept, paper.made_from, {"numbers": out / NUMBERS})
    pictures = {f"figure_{name}": _of_figure(out, name)["pdf"] for name in paper.figures}
    tables = {f"table_{name}": out / "tables" / f"{name}.md" for name in paper.tables}
    uses = {"numbers": out / NUMBERS, **pictures, **tables}
    own = json.dumps([paper.article, paper.table.title, paper.table.authors, paper.figures, paper.tables])
    made = {"text": out / TEXT, "printed": out / PRINTED}
    yield task("paper", partial(_article, paper, out), uses, paper.made_from + look + own, made)


def _studies(paper: Paper) -> list[str]:
    """Give the studies that the figures and tables are made of, in their order."""
    used = {FIGURES[name].study for name in paper.figures} | {TABLES[name].study for name in paper.tables}
    return [name for name in STUDIES if name in used]


def _uses(entry: Entry, kept: Files) -> Files:
    return {entry.study: kept[entry.study]}


def _of_figure(out: Path, name: str) -> Files:
    return {form: out / "figures" / f"{name}.{form}" for form in (*FORMS, "csv")}


def _files(paper: Paper) -> dict[str, str]:
    """Give every file of the paper, and the study that it is made of; "" of what is made of all."""
    made = {f"figures/{name}.{form}": FIGURES[name].study for name in paper.figures for form in (*FORMS, "csv")}
    made |= {f"tables/{name}.{form}": TABLES[name].study for name in paper.tables for form in OF_TABLES}
    return {**made, NUMBERS: "", TEXT: "", PRINTED: ""}


# -- making -------------------------------------------------------------------------------------------------
def _studied(paper: Paper, name: str, _: Files) -> Mapping[str, bytes]:
    return {"result": pickle.dumps(STUDIES[name].compute(paper))}


def _result(uses: Files, study: str) -> Any:
    with uses[study].open("rb") as stream:
        return pickle.load(stream)


def _figure(paper: Paper, entry: Entry, uses: Files) -> Mapping[str, bytes]:
    with speaking(paper.table.language), house_style(paper.table.style), warnings.catch_warnings():
        warnings.filterwarnings("error", message="Glyph .* missing")
        drawing = entry.function(_result(uses, entry.study))
        picture = drawing.figure()
        return {**{form: printed(picture, form) for form in FORMS}, "csv": drawn(drawing.rows, DIGITS)}


def _table(paper: Paper, name: str, uses: Files) -> Mapping[str, bytes]:
    entry = TABLES[name]
    with speaking(paper.table.language):
        table = entry.function(_result(uses, entry.study))
        return {"csv": table.csv(DIGITS), "tex": table.latex(name).encode(), "md": table.markdown().encode()}


def _numbers(paper: Paper, uses: Files) -> Mapping[str, bytes]:
    quoted = {key: value for study in uses for key, value in numbers.of(study, _result(uses, study)).items()}
    content = {"schema": "fiveyear.numbers/1", "numbers": {k: v._asdict() for k, v in sorted(quoted.items())}}
    return {"numbers": _json(content)}


def _article(paper: Paper, out: Path, uses: Files) -> Mapping[str, bytes]:
    content = json.loads(uses["numbers"].read_text(encoding="utf-8"))["numbers"]
    texts = {key: value["text"] for key, value in content.items()}
    tables = {name: (out / "tables" / f"{name}.md").read_text(encoding="utf-8") for name in paper.tables}
    place, text = paper.table.article or article.FILE, _text(paper, texts)
    shown, printed = (  # a PDF within a PDF keeps its letters, and is a third as large
        article.filled(text, texts, {name: f"figures/{name}.{form}" for name in paper.figures}, tables, place)
        for form in ("svg", "pdf")
    )
    return {"text": shown.encode(), "printed": typesetting.pdf(printed, out, place)}


def _text(paper: Paper, numbers: Mapping[str, str]) -> str:
    """Give the text with its placeholders: one's own; that shipped, if all that it names is there; or a bare one."""
    if paper.article is not None:
        return paper.article
    shipped = article.shipped()
    names = {*article.keys(shipped)} - {*numbers}
    names |= {*article.shown(shipped, "figure")} - {*paper.figures}
    names |= {*article.shown(shipped, "table")} - {*paper.tables}
    return _bare(paper) if names or paper.table.language != "en" else shipped


def _bare(paper: Paper) -> str:
    """Give a text of nothing but a title, the figures and the tables."""
    with speaking(paper.table.language):
        title = paper.table.title or paper.plan.title
        parts = [f"# {escaped(title)}", escaped(", ".join(paper.table.authors))]
        parts += [f"![{escaped(say(FIGURES[name].about))}](figure:{name})" for name in paper.figures]
        for name in paper.tables:
            parts += [f"Table: {escaped(say(TABLES[name].about))}", f"{{table:{name}}}"]
        return "\n\n".join(filter(None, parts))


def _write(content: bytes, file: Path) -> None:
    file.write_bytes(content)


def _json(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


# -- the manifest -------------------------------------------------------------------------------------------
def _remove_others(out: Path, made: list[str]) -> None:
    """Remove what an earlier build made and this one does not, such as a figure that was left out since."""
    try:
        before = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, LookupError):
        return
    for name in {*before} - {*made}:
        place = (out / name).resolve()
        if place.is_relative_to(out.resolve()):
            place.unlink(missing_ok=True)


def _write_manifest(paper: Paper, out: Path, made: list[str], words: str) -> None:
    made_from, of = paper.first[0].provenance(paper.draws), _files(paper)
    content = {
        "schema": "fiveyear.paper/1",
        "command": words,
        "quick": paper.quick,
        **{key: made_from[key] for key in ("plan", "facts", "draws", "seed", "version")},
        "program": json.loads(paper.made_from)["program"],
        "scenarios": [e.scenario.name for e in (*paper.first, *paper.others)],
        "files": {
            name: {
                "made_by": command(paper, of[name]) if of[name] else words,
                "sha256": hashlib.sha256((out / name).read_bytes()).hexdigest(),
            }
            for name in made
        },
    }
    files.write_whole(out / MANIFEST, partial(_write, _json(content)))

"""The replication package of a paper: the program, its inputs, what it made, and one command that makes it again."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import importlib.metadata
import importlib.resources
import importlib.util
import io
import json
import os
import platform
import re
import string
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fiveyear.experiments.console import files
from fiveyear.experiments.console.errors import MissingPackageError
from fiveyear.model.errors import Fault
from fiveyear.scenarios import Scenario, ScenarioError

from .build import MANIFEST
from .contents import FIGURES, TABLES
from .paper_file import Paper, of_program
from .studies import command

ZIPPED = "package.zip"
README, MASTER, NEEDED, SUMS, QUICK_SUMS = "README.md", "replicate.sh", "requirements.txt", "SHA256SUMS", "quick.sha256"
NAME = "fiveyear"
EXTRAS = ("fast", "paper")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the date of every file in an archive, so that the same content is the same file


def require_rocrate() -> None:
    """Raise MissingPackageError if the library is not installed that describes the package."""
    if importlib.util.find_spec("rocrate") is None:
        raise MissingPackageError("the package", ['rocrate is not installed; pip install "fiveyear[paper]" brings it'])


def inputs(paper: Paper, file: Path | None) -> dict[str, Path]:
    """Give the files that a paper of one's own is made from, by where they lie in the package.

    Raises ScenarioError for those that lie elsewhere than in the folder of ``paper.toml`` or below it.
    """
    if file is None:
        return {}
    if not paper.table.authors:  # they certify what its README says of data and rights
        raise ScenarioError(str(file), [Fault("authors", found="none", expected="those who sign the package")])
    named = [file, *([file.parent / paper.table.article] if paper.table.article else [])]
    if not paper.plan.named:
        named += [f for f in paper.plan.folder.rglob("*") if f.is_file() and "__pycache__" not in f.parts]
    for ensemble in (*paper.first, *paper.others):
        named += _files_of(ensemble.scenario)
    root, shipped = file.parent.resolve(), Path(str(importlib.resources.files("fiveyear.scenarios"))).resolve()
    places = {path.resolve(): path for path in named if not path.resolve().is_relative_to(shipped)}
    if away := [path for place, path in places.items() if not place.is_relative_to(root)]:
        raise ScenarioError(
            str(file),
            [Fault(str(p), "lies elsewhere", found=str(p), expected=f"a file in {root} or below") for p in away],
        )
    return {str(place.relative_to(root)): place for place in places}


def _files_of(scenario: Scenario) -> Iterator[Path]:
    """Yield the files that a scenario is read from: its own, and those that it extends or takes numbers from."""
    if scenario.file:
        yield Path(scenario.file)
    for origin in scenario.origins.values():
        yield origin.file
        if origin.column:
            yield origin.file.parent / origin.column.file
    if scenario.before:
        yield from _files_of(scenario.before)


def write(paper: Paper, file: Path | None, out: Path, quick: Path, words: str) -> Path:
    """Write the package of a paper that is built in ``out``, and whose quick build lies in ``quick``: one archive.

    Raises WriteError if that cannot be done.
    """
    manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    content: dict[str, bytes] = {}
    for name in (*manifest["files"], MANIFEST):
        content[f"results/{name}"] = (out / name).read_bytes()
    for name, path in inputs(paper, file).items():
        content[f"inputs/{name}"] = path.read_bytes()
    content[f"program/{NAME}-{_version()}-py3-none-any.whl"] = wheel()
    content[NEEDED] = "".join(f"{line}\n" for line in requirements()).encode()
    content[MASTER] = _filled("replicate.sh", paper=f"inputs/{file.name} " if file else "").encode()
    content[QUICK_SUMS] = _sums(json.loads((quick / MANIFEST).read_text(encoding="utf-8"))["files"])
    content["results.sha256"] = _sums(manifest["files"])
    content["LICENSE"] = _licence().encode()
    content["CITATION.cff"] = _citation(paper).encode()
    content[README] = _readme(paper, words, content).encode()
    content["ro-crate-metadata.json"] = _crate(paper, content)
    content[SUMS] = _sums({name: {"sha256": hashlib.sha256(data).hexdigest()} for name, data in content.items()})
    archive = _archive(content)
    files.write_whole(out / ZIPPED, lambda path: path.write_bytes(archive))
    return out / ZIPPED


# -- the program ------------------------------------------------------------------------------------------------
def wheel() -> bytes:
    """Give the program that runs, as a wheel: the same bytes each time."""
    distribution = importlib.metadata.distribution(NAME)
    info = f"{NAME}-{_version()}.dist-info"
    content = {f"{NAME}/{name}": path.read_bytes() for name, path in of_program().items()}
    content[f"{info}/METADATA"] = (distribution.read_text("METADATA") or "").encode()
    content[f"{info}/entry_points.txt"] = (distribution.read_text("entry_points.txt") or "").encode()
    content[f"{info}/licenses/LICENSE"] = _licence().encode()
    content[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: fiveyear\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in content.items())
    content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    return _archive(content)


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def requirements() -> list[str]:
    """Give every package that the program needs, as it is installed here."""
    from packaging.requirements import Requirement

    versions: dict[str, str] = {}
    asked = [(NAME, extra) for extra in ("", *EXTRAS)]
    seen = set(asked)
    while asked:
        name, extra = asked.pop()
        for line in importlib.metadata.distribution(name).requires or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                for wanted in ("", *needed.extras):
                    if (needed.name, wanted) not in seen:
                        seen.add((needed.name, wanted))
                        asked.append((needed.name, wanted))
                versions[re.sub(r"[-_.]+", "-", needed.name).lower()] = importlib.metadata.version(needed.name)
    return [f"{name}=={version}" for name, version in sorted(versions.items())]


def _version() -> str:
    return importlib.metadata.version(NAME)


def _licence() -> str:
    return importlib.metadata.distribution(NAME).read_text("licenses/LICENSE") or ""


# -- what it says of itself -------------------------------------------------------------------------------------
def _filled(name: str, **values: object) -> str:
    template = importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return string.Template(template).substitute(values)


def _today() -> str:
    """Give the date of the package: today's, or that which SOURCE_DATE_EPOCH names."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch else dt.datetime.now(dt.UTC)
    return moment.date().isoformat()


def _authors(paper: Paper) -> list[str]:
    return paper.table.authors or ["The fiveyear developers"]


def _title(paper: Paper) -> str:
    return paper.table.title or f"The targets of: {paper.plan.title}"


def _citation(paper: Paper) -> str:
    authors = "".join(f"  - name: {json.dumps(name, ensure_ascii=False)}\n" for name in _authors(paper))
    return (
        "cff-version: 1.2.0\n"
        "message: If you use this package, please cite it as below.\n"
        "type: dataset\n"
        f"title: {json.dumps('Replication package: ' + _title(paper), ensure_ascii=False)}\n"
        f"date-released: {_today()}\n"
        f"version: {_version()}\n"
        f"authors:\n{authors}"
    )


def _readme(paper: Paper, words: str, content: Mapping[str, bytes]) -> str:
    facts = paper.first[0].posterior.evidence.facts
    sources = sorted({fact.source for by_year in facts.values() for fact in by_year.values()})
    made = [f"| Figure `{n}` | {FIGURES[n].about} | `{command(paper, FIGURES[n].study)}` |" for n in paper.figures]
    made += [f"| Table `{n}` | {TABLES[n].about} | `{command(paper, TABLES[n].study)}` |" for n in paper.tables]
    return _filled(
        "replication.md",
        title=_title(paper),
        authors=", ".join(_authors(paper)),
        version=_version(),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        sources="\n".join(f"- {source}" for source in sources),
        series=len(facts),
        facts=sum(map(len, facts.values())),
        plan=paper.plan.title,
        information_set=paper.first[0].posterior.evidence.information_set,
        month=paper.first[0].posterior.evidence.month,
        draws=f"{paper.draws:,}",
        seed=paper.table.seed,
        words=words,
        made="\n".join(made),
        megabytes=f"{sum(map(len, content.values())) / 1e6:.0f}",
    )


def _crate(paper: Paper, content: Mapping[str, bytes]) -> bytes:
    from rocrate.model.person import Person
    from rocrate.rocrate import ROCrate

    crate = ROCrate()
    crate.name, crate.datePublished = f"Replication package: {_title(paper)}", dt.datetime.fromisoformat(_today())
    crate.license = "https://spdx.org/licenses/Apache-2.0"
    crate.description = f"The figures, tables and numbers of a paper on: {paper.plan.title}."
    for number, name in enumerate(_authors(paper)):
        crate.root_dataset.append_to("author", crate.add(Person(crate, f"#author-{number}", properties={"name": name})))
    for name, data in content.items():
        entity = crate.add_file(
            dest_path=name, source=io.StringIO(""), properties={"sha256": hashlib.sha256(data).hexdigest()}
        )
        entity["contentSize"] = str(len(data))
    return (json.dumps(crate.metadata.generate(), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _sums(made: Mapping[str, Mapping[str, Any]]) -> bytes:
    return "".join(f"{of['sha256']}  {name}\n" for name, of in sorted(made.items())).encode()


# -- writing ----------------------------------------------------------------------------------------------------
def _archive(content: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()

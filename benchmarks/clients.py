"""Read our files in other people's programs: ``make clients`` writes files of every kind and reads each in its client.

Writes docs/clients.md, and ends with 1 if a client cannot read a file or reads other numbers than were written. It runs
in .clients, which the Makefile makes from benchmarks/clients.txt.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from engines import Frame, largest_difference, run_in_pysd, run_in_simlin

from fiveyear import scenarios
from fiveyear.calibration import posterior
from fiveyear.calibration.inference_data import inference_data
from fiveyear.experiments.forecast.command import Kind
from fiveyear.experiments.store.results import Result, open_result
from fiveyear.experiments.store.tables.export import SUFFIXES, table
from fiveyear.experiments.store.tables.statistics import Form
from fiveyear.experiments.structure.exchange import Export
from fiveyear.model.quantities import Array

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "clients.md"
BIN = Path(sys.executable).parent
EXPERIMENT = 'title = "Two scenarios"\nscenarios = ["plan", "frozen"]\ndraws = 50\nkeep = "{keep}"\n'
WRITTEN = (  # {form} and {suffix} of all tables that there are, {kind} of all schemas
    "run plan --draws 100 --out run.nc",
    "run plan --draw median --every-step --keep all --out steps.nc",
    "reach plan --draws 100 --out reach",
    "run draws.toml --out draws",
    "run summary.toml --out summary",
    "programmes reach --draws 20 --out programmes",
    "model export plan --method euler --out plan.stmx",
)
REGION = "China"
EXPORTED = f"store export run.nc --as {{form}} --region {REGION} --out {{form}}{{suffix}}"
KNOWN = re.compile(r'units for \w+, "[^"]*\byuan\b[^"]*" are not recognized by UDUNITS')  # docs/howto/results.md
HEAD = """\
# Our files in other programs

Made by `make clients` (benchmarks/clients.py), which writes the files by these commands, reads each in its client and
compares what it read with what was written: "the same" is to the last bit.

{commands}

| client | version | file | what was read | result |
| --- | --- | --- | --- | --- |"""


class ClientError(Exception):
    """A client has read something else than was written."""


class Check(NamedTuple):
    """A file in a client: ``read`` gives the result, or raises whatever the client raises."""

    client: str
    version: str
    file: str
    what: str
    read: Callable[[], str]


def fiveyear(words: str, folder: Path) -> str:
    """Call the command line as a user does; gives what it prints, and raises ClientError where it fails."""
    return _called([BIN / "fiveyear", *words.split()], folder)


def _called(words: Sequence[str | Path], folder: Path) -> str:
    ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise ClientError(
            f"{Path(words[0]).name} ended with {ended.returncode}: {(ended.stderr or ended.stdout).strip()}"
        )
    return ended.stdout


def write(folder: Path) -> None:
    """Write files of every kind."""
    for keep in ("draws", "summary"):
        (folder / f"{keep}.toml").write_text(EXPERIMENT.format(keep=keep))
    for words in WRITTEN:
        fiveyear(words, folder)
    for form, suffix in tables():
        fiveyear(EXPORTED.format(form=form, suffix=suffix), folder)
    for kind in Kind:
        (folder / f"{kind}.json").write_text(fiveyear(f"scenario schema {kind}", folder))


def tables() -> Iterator[tuple[Form, str]]:
    """Yield the forms and suffixes that ``store export`` offers."""
    yield from ((form, suffix) for form, suffixes in SUFFIXES.items() for suffix in suffixes)


# Before 3.0 pandas rounds the last bit unless told otherwise.
read_csv = partial(pd.read_csv, float_precision="round_trip") if pd.__version__ < "3" else pd.read_csv


# -- tables -------------------------------------------------------------------------------------------------
def in_pandas(file: Path) -> pd.DataFrame:
    """Read a table in pandas."""
    readers = {".csv": read_csv, ".xlsx": pd.read_excel, ".dta": pd.read_stata, ".parquet": pd.read_parquet}
    return readers[file.suffix](file)


def in_pyreadstat(file: Path) -> pd.DataFrame:
    """Read a table in pyreadstat."""
    import pyreadstat

    return pyreadstat.read_dta(str(file))[0]


def in_haven(file: Path) -> pd.DataFrame:
    """Read a table in R's haven; numbers come with all their digits."""
    digits = "d[] <- lapply(d, function(x) if (is.numeric(x)) sprintf('%.17g', x) else x)"
    text = f"d <- haven::read_dta('{file}'); {digits}; write.csv(d, stdout(), row.names = FALSE)"
    read = _called(["Rscript", "-e", text], file.parent)
    return read_csv(io.StringIO(read))


def in_pyam(file: Path) -> pd.DataFrame:
    """Read an IAMC table in pyam."""
    import pyam

    return pyam.IamDataFrame(file).timeseries().reset_index()


def compared(reader: Callable[[Path], pd.DataFrame], file: Path, form: Form, result: Result) -> str:
    """Hold the numbers in a table that is read against those that were written."""
    read = reader(file)
    if form is Form.DRAWS:
        written = result.dataset()
        return same(read[result.outputs].to_numpy(), np.stack([written[n].values.ravel() for n in result.outputs], 1))
    columns = table(result, form, REGION)
    places = [place for place, column in enumerate(columns) if column.kind != "text"]
    numbers = np.array([columns[place].cells for place in places], dtype=float).T  # an empty cell is NaN
    if reader is not in_pyam:
        return same(read.iloc[:, places].to_numpy(float), numbers)  # Stata has other names for some columns
    in_order, expected = (np.sort(v[~np.isnan(v)]) for v in (read.iloc[:, places].to_numpy(float), numbers))
    # pyam tells pandas nothing of the last bit.
    return same(in_order, expected, rounding=4e-16 if file.suffix == ".csv" else 0.0)


def same(read: Array, written: Array, rounding: float = 0.0) -> str:
    """Say that numbers are the same, but for the rounding of each; raises ClientError if they are not."""
    if read.shape != written.shape:
        raise ClientError(f"{read.shape} numbers, {written.shape} were written")
    unlike = ~((read == written) | (np.isnan(read) & np.isnan(written)))
    if (abs(read - written) > rounding * abs(written))[unlike].any() or np.isnan(read - written)[unlike].any():
        raise ClientError(
            f"{unlike.sum():,} of {unlike.size:,} numbers differ, by up to {np.nanmax(abs(read - written)):.1g}"
        )
    text = f"the same {read.size:,} numbers"
    return f"{text}, but for the last bit of {unlike.sum():,}" if unlike.any() else text


def table_checks(folder: Path) -> Iterator[Check]:
    """Yield every table in every client that reads such files."""
    result = open_result(folder / "run.nc")
    pandas = "pandas", version("pandas"), in_pandas
    pyreadstat = "pyreadstat", version("pyreadstat"), in_pyreadstat
    haven = "haven (R)", haven_version(folder), in_haven
    pyam = "pyam", version("pyam-iamc"), in_pyam
    for form, suffix in tables():
        file = folder / f"{form}{suffix}"
        readers = [pandas, *([pyreadstat, haven] if suffix == ".dta" else []), *([pyam] if form is Form.IAMC else [])]
        for client, number, reader in readers:
            read = partial(compared, reader, file, form, result) if number else lambda: "not tried: it is not here"
            yield Check(client, number, file.name, "all numbers", read)


def haven_version(folder: Path) -> str:
    """Give the version of R's haven; "" where there is none."""
    try:
        return _called(["Rscript", "-e", "cat(format(packageVersion('haven')))"], folder)
    except (FileNotFoundError, ClientError):
        return ""


# -- netCDF, posterior, XMILE -------------------------------------------------------------------------------
def in_checker(file: Path) -> str:
    """Hold a netCDF file to the CF conventions; raises ClientError if anything is reported but the domain unit."""
    report = file.with_suffix(".json")
    words: list[str | Path] = [
        BIN / "compliance-checker",
        "-t",
        "cf:1.8",
        "-c",
        "strict",
        "-f",
        "json",
        "-o",
        report,
        file,
    ]
    subprocess.run(words, capture_output=True, check=False)  # it ends with 1 where it reports anything
    (result,) = json.loads(report.read_text()).values()
    reported = [
        text for p in ("high", "medium", "low") for entry in result[f"{p}_priorities"] for text in entry["msgs"]
    ]
    if others := [text for text in reported if not KNOWN.fullmatch(text)]:
        raise ClientError(f"{len(others)} reported, such as: {others[0]}")
    return f"nothing but the unit `yuan` ({len(reported)})" if reported else "nothing"


def in_arviz(plan: str, facts: str, folder: Path) -> str:
    """Give a posterior to ArviZ: leave-one-out, ranks, R-hat and power-scaling."""
    import arviz_plots

    stats: Any = import_module("arviz_stats")  # which states no types
    kept = posterior.load(posterior.evidence(scenarios.load_plan(plan), facts))
    tree = inference_data(kept)
    read = tree["posterior"].to_dataset()["propensity"].values
    same(np.sort(read, axis=None), np.sort(kept.parameters["propensity"]))
    loo = stats.loo(tree, pointwise=True)
    k = loo.pareto_k.values
    arviz_plots.plot_rank(tree, var_names=["propensity"]).savefig(folder / "ranks.png")
    r_hat = float(stats.summary(tree, kind="diagnostics", round_to="none")["r_hat"].max())
    if r_hat > 1.05:
        raise ClientError(f"R-hat of the kept draws is {r_hat:.3f}")
    with contextlib.redirect_stdout(io.StringIO()):  # where to read more
        scaled = stats.psense_summary(tree, var_names=["propensity"], prior_var_names=["propensity"])
    sizes = f"{read.shape[0]} chains of {read.shape[1]}, R-hat at most {r_hat:.3f}"
    loo_text = f"elpd {loo.elpd:.1f}, Pareto k over {loo.good_k:.2f} for {np.sum(k > loo.good_k)} of {len(k)} facts"
    return f"{sizes}; {loo_text}; sensitivity of `propensity` to its prior {scaled['prior'].iloc[0]:.3f}"


def in_engine(run: Callable[[bytes, Path], Frame], folder: Path) -> str:
    """Run an exported model in another engine; raises ClientError beyond the difference that the tests allow."""
    export = Export(scenario="plan", draw="median", method="euler")
    worst, name = largest_difference(run((folder / "plan.stmx").read_bytes(), folder), export)
    if worst > 1e-9:
        raise ClientError(f"{name} differs by {worst:.0e}")
    return f"the largest difference is {worst:.0e}, of `{name}`"


def file_checks(folder: Path) -> Iterator[Check]:
    """Yield netCDF files in compliance-checker, posteriors in ArviZ, the model in other engines."""
    shipped = sorted((ROOT / "scenarios").rglob("posterior_*.nc"))
    for file in shipped:
        (folder / file.parent.name).mkdir(exist_ok=True)
        shutil.copy(file, folder / file.parent.name)
    checker = "compliance-checker", version("compliance-checker")
    for file in sorted(folder.rglob("*.nc")):
        name = re.sub(r"_[0-9a-f]{64}", "", str(file.relative_to(folder)))
        yield Check(*checker, name, "what cf:1.8, strict, reports", partial(in_checker, file))
    bare = _bare(folder / "bare.nc")
    yield Check(*checker, bare.name, "no attributes, to be refused", partial(refused, partial(in_checker, bare)))
    arviz = ", ".join(f"{p} {version(f'arviz-{p}')}" for p in ("stats", "plots"))
    for file in shipped:
        plan, facts = file.parent.name, file.stem.partition("_")[2]
        read = partial(in_arviz, plan, facts, folder)
        yield Check("ArviZ", arviz, f"{plan}/{file.name}", "leave-one-out, ranks, power-scaling", read)
    for client, package, run in (("PySD", "pysd", run_in_pysd), ("pysimlin", "pysimlin", run_in_simlin)):
        what = "every variable at every step"
        yield Check(client, version(package), "plan.stmx", what, partial(in_engine, run, folder))


def _bare(file: Path) -> Path:
    import xarray as xr

    xr.Dataset({"a": ("year", [1.0])}, {"year": [2010]}).to_netcdf(file, engine="scipy")
    return file


def refused(check: Callable[[], str]) -> str:
    """Say that a client refuses what it is to refuse; raises ClientError if it does not."""
    try:
        answer = check()
    except ClientError:
        return "refused"
    raise ClientError(f"is taken: {answer}")


# -- schemas ------------------------------------------------------------------------------------------------
def schema_checks(folder: Path) -> Iterator[Check]:
    """Yield schemas and the shipped files that name them, in check-jsonschema and taplo; and one with a slip."""
    leads = re.compile(r"^#:schema \S*?(\w+)\.json$", re.MULTILINE)
    by_kind: dict[str, list[Path]] = {}
    for file in sorted((ROOT / "scenarios").rglob("*.toml")):
        for kind in leads.findall(file.read_text("utf-8")):
            by_kind.setdefault(kind, []).append(file)
    by_kind["experiment"] = [folder / "draws.toml", folder / "summary.toml"]
    slip = folder / "slip.toml"
    slip.write_text(
        re.sub("(?m)^title", "titel", (ROOT / "scenarios/plans/twelfth/scenarios/plan.toml").read_text("utf-8")),
        "utf-8",
    )

    def by_checker(*words: str | Path) -> str:
        _called([BIN / "check-jsonschema", *words], folder)
        return "valid"

    def by_taplo(kind: str, files: Sequence[Path]) -> str:
        _called([BIN / "taplo", "lint", "--schema", (folder / f"{kind}.json").as_uri(), *files], folder)
        return "valid"

    checker, taplo = (("check-jsonschema", version("check-jsonschema")), ("taplo", version("taplo")))
    for kind in map(str, Kind):
        schema, files = f"{kind}.json", by_kind[kind]
        what = f"{len(files)} files that keep to it" if len(files) > 1 else "a file that keeps to it"
        yield Check(*checker, schema, "the schema itself", partial(by_checker, "--check-metaschema", schema))
        yield Check(*checker, schema, what, partial(by_checker, "--schemafile", schema, *files))
        yield Check(*taplo, schema, what, partial(by_taplo, kind, files))
    schema, what = "scenario.json", "`titel` for `title`, to be refused"
    yield Check(*checker, schema, what, partial(refused, partial(by_checker, "--schemafile", schema, slip)))
    yield Check(*taplo, schema, what, partial(refused, partial(by_taplo, "scenario", [slip])))


def main() -> int:
    """Write, read, and say what came of it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        write(folder)
        commands = [*WRITTEN, EXPORTED.format(form="FORM", suffix=".SUFFIX"), "scenario schema KIND > KIND.json"]
        lines, failed = [HEAD.format(commands="\n".join(f"    fiveyear {words}" for words in commands))], 0
        print(lines[0])
        for check in (*table_checks(folder), *file_checks(folder), *schema_checks(folder)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the clients' own
                try:
                    result = check.read()
                except Exception as error:  # noqa: BLE001 - a client may raise anything: that it does is the result
                    failed += 1
                    result = f"**failed**: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
            lines.append(f"| {check.client} | {check.version} | `{check.file}` | {check.what} | {result} |")
            print(lines[-1], flush=True)
    if not failed:
        DOCUMENT.write_text("\n".join(lines) + "\n", "utf-8")
        print(f"written: {DOCUMENT}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())

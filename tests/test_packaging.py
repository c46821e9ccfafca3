"""What a user installs is what the tree holds; the locks and the Makefile keep what the README promises of them."""

from __future__ import annotations

import doctest
import importlib
import importlib.metadata
import os
import pkgutil
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import fiveyear

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("model", "scenarios", "calibration", "experiments")
LOCKS = ("requirements.lock", "requirements-test.lock")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# Examples may leave out what differs between machines; blanks in a printed array depend on the width of its numbers.
DOCTEST_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


FRONT = Path("experiments/front")  # the package `fiveyear` itself


def shipped_files() -> Iterator[Path]:
    """Yield, relative to the root, each file of the four folders that a user needs: all but leftovers."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            left_over = "__pycache__" in path.parts or path.name.startswith(".") or path.name.endswith("~")
            if path.is_file() and not left_over:
                yield path.relative_to(ROOT)


def package_of(folder: Path) -> str:
    """Give the import name of a folder.

    >>> package_of(Path("model/sectors"))
    'fiveyear.model.sectors'
    """
    return "fiveyear" if folder == FRONT else ".".join(("fiveyear", *folder.parts))


def modules() -> list[str]:
    """Name all modules of the four packages; the packages are imported to find out, other modules are not."""
    names = ["fiveyear"]
    for folder in FOLDERS:
        package = importlib.import_module(f"fiveyear.{folder}")
        names.append(package.__name__)
        names += [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    copies = "fiveyear.experiments.front"
    return [name for name in names if not name.endswith(".__main__") and not name.startswith(copies)]


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as from a fresh shell: without what a make or a pytest around it has set."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTEST"))}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=inherited | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


# --- the package ---


def test_each_folder_with_code_or_data_is_listed_as_a_package() -> None:
    in_tree = {package_of(path.parent) for path in shipped_files()}
    assert sorted(PYPROJECT["tool"]["setuptools"]["packages"]) == sorted(in_tree)


def test_each_package_has_an_init_file() -> None:
    folders = {path.parent for path in shipped_files()}
    assert [str(folder) for folder in sorted(folders) if not (ROOT / folder / "__init__.py").is_file()] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_folder_says_that_it_is_typed(folder: str) -> None:
    assert (ROOT / folder / "py.typed").is_file()


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_typing_link_leads_to_the_folder(folder: str) -> None:
    link = ROOT / "tests" / "typing" / "fiveyear" / folder
    assert link.is_symlink()
    assert link.readlink() == Path("../../..") / folder, "an absolute link breaks in every other checkout"
    assert link.resolve() == ROOT / folder


def test_each_module_of_the_front_door_has_a_typing_link() -> None:
    links = {link.name: link.readlink() for link in (ROOT / "tests" / "typing" / "fiveyear").glob("*.py")}
    assert links == {path.name: Path("../../..") / FRONT / path.name for path in (ROOT / FRONT).glob("*.py")}


def test_a_module_of_the_same_name_beside_a_notebook_does_not_hide_ours(tmp_path: Path) -> None:
    for folder in FOLDERS:
        (tmp_path / f"{folder}.py").write_text("raise ImportError('the file beside the notebook')\n", encoding="utf-8")
    code = "; ".join(f"import fiveyear.{folder}" for folder in FOLDERS)
    done = run(sys.executable, "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_version_is_written_in_one_place_only() -> None:
    version = PYPROJECT["project"]["version"]
    assert importlib.metadata.version("fiveyear") == fiveyear.__version__ == version
    files = [*(ROOT / path for path in shipped_files()), *(ROOT / "benchmarks").glob("*.py")]
    files += [ROOT / name for name in ("README.md", "CITATION.cff", "Makefile")]
    texts = [file for file in files if file.suffix not in (".nc", ".ttf")]
    assert [file for file in texts if version in file.read_text(encoding="utf-8")] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy, since a build/ folder left in the checkout would put old modules into it."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", out)
    done = run(sys.executable, "-m", "pip", "wheel", *options, source, cwd=source)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("fiveyear-*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_each_module_and_data_file_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert sorted(held) == sorted(
        f"{package_of(path.parent).replace('.', '/')}/{path.name}" for path in shipped_files()
    )


@pytest.mark.slow
def test_each_module_can_be_imported_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    code = """
import importlib, sys
wheel, names = sys.argv[1], sys.argv[2:]
sys.path.insert(0, wheel)
for name in names:
    path = importlib.import_module(name).__file__
    assert path.startswith(wheel), f"{name} comes from {path}"
"""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "unpacked")
    done = run(sys.executable, "-c", code, tmp_path / "unpacked", *modules(), cwd=tmp_path)
    assert done.returncode == 0, done.stderr


# The program, that fits with a tenth of the trajectories.
BRIEFLY = """
from fiveyear.calibration import sampler
from fiveyear.experiments.command_line import main
sampler.WARM_UP, sampler.LEAPS, sampler.STEPS, sampler.AGAIN = (20, 20), 30, 60, 1
main()
"""


@pytest.mark.slow
def test_a_plan_of_ones_own_is_answered_from_a_wheel_that_nothing_is_written_into(wheel: Path, tmp_path: Path) -> None:
    unpacked, home = tmp_path / "unpacked", tmp_path / "home"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    home.mkdir()
    for path in unpacked.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)  # which the superuser is not held by
    before = {path: path.stat().st_mtime_ns for path in unpacked.rglob("*")}
    own = {"HOME": str(home), "PYTHONPATH": str(unpacked), "PYTHONDONTWRITEBYTECODE": "1"}

    def said(*words: str) -> str:
        done = run(sys.executable, *words, cwd=home, **own)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert said("-c", "import fiveyear; print(fiveyear.__file__)").startswith(str(unpacked))
    said("-m", "fiveyear", "plan", "new", "ruritania")
    assert "the targets of ruritania lack nothing" in said("-m", "fiveyear", "plan", "check", "ruritania")
    assert "First science plan of Ruritania" in said("-c", BRIEFLY, "reach", "ruritania", "--draws", "300")
    assert (home / "ruritania" / "posterior_now.nc").is_file()
    assert {path: path.stat().st_mtime_ns for path in unpacked.rglob("*")} == before
    for path in (unpacked, *unpacked.rglob("*")):
        path.chmod(0o755)  # so that it can be cleared away


# --- the examples in docstrings ---


@pytest.mark.parametrize("name", modules())
def test_the_examples_give_what_they_say(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(name)
    # An example must run in any folder, and one that writes must not write into the checkout.
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(module, optionflags=DOCTEST_OPTIONS)
    assert result.failed == 0, f"{result.failed} of {result.attempted} examples of {name}: see the output"


# --- the locks ---


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_what_is_installed_and_not_from_where(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "make lock" in text
    for word in ("://", "--index-url", "--extra-index-url", "--find-links", "--trusted-host"):
        assert word not in text


@pytest.mark.parametrize("lock", LOCKS)
def test_each_requirement_in_a_lock_is_pinned_and_hashed(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    joined = re.sub(r" *\\\n *", " ", text)
    requirements = [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]
    assert requirements
    pinned_and_hashed = re.compile(r"[a-z0-9.-]+==\S+( ; .+?)?( --hash=sha256:[0-9a-f]{64})+")
    assert [line for line in requirements if not pinned_and_hashed.fullmatch(line.rstrip())] == []


def pins(lock: str) -> dict[str, str]:
    """Give the version of each package of a lock; one with a version for each Python is keyed by name and marker."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    found = re.findall(r"^([a-z0-9.-]+)==(\S+)(?: ; (.+?))? \\$", text, flags=re.MULTILINE)
    return {f"{name} ; {marker}" if marker else name: version for name, version, marker in found}


def test_the_tests_run_on_the_versions_that_users_get() -> None:
    core, test = pins(LOCKS[0]), pins(LOCKS[1])
    names = {key.split(" ; ")[0] for key in core}
    shared = {(key.split(" ; ")[0], version) for key, version in test.items() if key.split(" ; ")[0] in names}
    assert shared == {(key.split(" ; ")[0], version) for key, version in core.items()}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_what_the_editable_install_and_each_direct_dependency_need(lock: str) -> None:
    project = PYPROJECT["project"]
    asked = [*project["dependencies"], *PYPROJECT["build-system"]["requires"]]
    if lock == "requirements-test.lock":
        asked += project["optional-dependencies"]["test"]
    names = {re.split(r"[\[<>=!~; ]", requirement)[0] for requirement in asked}
    assert names - {key.split(" ; ")[0] for key in pins(lock)} == set()


# --- make ---


def script(path: Path, *lines: str) -> Path:
    """Write an executable shell script."""
    path.write_text("\n".join(("#!/bin/sh", *lines, "")), encoding="utf-8")
    path.chmod(0o755)
    return path


def disguised_python(path: Path, as_if: str) -> Path:
    """Write a `python3 -c` that runs one statement before the code it is given."""
    return script(path, f'exec {shlex.quote(sys.executable)} -c "{as_if}; $2"')


def make_reach(checkout: Path, python: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `make reach` in a folder that holds what make reads before it installs anything."""
    checkout.mkdir()
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, checkout)
    before = sorted(checkout.iterdir())
    done = run("make", "reach", f"PYTHON={python}", cwd=checkout)
    assert sorted(checkout.iterdir()) == before, "something was made before the check"
    return done


def complaints(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Give what was said about a fault, without make's own last word."""
    return [line for line in done.stderr.splitlines() if not line.startswith("make:")]


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")


@needs_make
def test_without_python_make_says_so_in_one_sentence_and_makes_nothing(tmp_path: Path) -> None:
    done = make_reach(tmp_path / "checkout", "no-such-python")
    (sentence,) = complaints(done)
    assert done.returncode != 0
    assert "fiveyear needs Python 3.11 or newer" in sentence
    assert "install" in sentence


@needs_make
def test_with_an_old_python_make_says_so_in_one_sentence_and_makes_nothing(tmp_path: Path) -> None:
    old = disguised_python(tmp_path / "python3", as_if="import sys; sys.version_info = (3, 10, 12)")
    done = make_reach(tmp_path / "checkout", old)
    (sentence,) = complaints(done)
    assert done.returncode != 0
    assert "(3.10)" in sentence
    assert "install" in sentence


@needs_make
@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_without_the_venv_module_make_says_so_in_one_sentence_and_makes_nothing(tmp_path: Path, missing: str) -> None:
    bare = disguised_python(tmp_path / "python3", as_if=f"import sys; sys.modules['{missing}'] = None")
    done = make_reach(tmp_path / "checkout", bare)
    (sentence,) = complaints(done)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert done.returncode != 0
    assert f"sudo apt install python{version}-venv" in sentence


def test_the_systems_it_is_said_to_run_on_are_those_it_runs_on() -> None:
    systems = [c for c in PYPROJECT["project"]["classifiers"] if c.startswith("Operating System")]
    assert systems == ["Operating System :: POSIX"]  # on Windows the program ends at once: test_command_line.py


@needs_make
def test_make_alone_lists_each_target_with_a_line_on_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", text, flags=re.MULTILINE)
    done = run("make", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    listed = [re.fullmatch(r"make (\S+) +(\S.*)", line) for line in done.stdout.splitlines()]
    assert {line.group(1) for line in listed if line} == set(phony.split()) - {"FORCE"}
    assert all(listed)


def test_ci_runs_what_is_run_by_hand() -> None:
    run_file = ROOT / ".ci" / "run"
    text = run_file.read_text(encoding="utf-8")
    assert os.access(run_file, os.X_OK)
    assert re.findall(r"^make .+$", text, flags=re.MULTILINE) == ["make check", "make test"]

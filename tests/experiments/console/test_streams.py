"""What the program does where its standard output or error is cut, closed or full."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).parent / "fiveyear"
FULL = "/dev/full"


def shell(words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ``fiveyear`` as a shell has it, with the redirections and pipes of these words."""
    bash = ["bash", "-o", "pipefail", "-c", f"{PROGRAM} {words}"]
    return subprocess.run(bash, cwd=cwd, capture_output=True, text=True)


@pytest.mark.parametrize("words", ["scenario list | head -1", "model list | true", "--help | true"])
def test_a_pipe_whose_reader_has_had_enough_ends_quietly_in_0(tmp_path: Path, words: str) -> None:
    ended = shell(words, tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(ended.stdout.splitlines()) <= 1


def test_files_are_written_although_nobody_reads_what_is_printed(tmp_path: Path) -> None:
    ended = shell("reach plan --draws 30 --out out | true", tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert {"plan.nc", "twelfth_targets.png", "targets.csv"} <= {file.name for file in (tmp_path / "out").iterdir()}


def test_a_failed_check_is_told_in_the_exit_code_although_nobody_reads_what_is_printed(tmp_path: Path) -> None:
    (tmp_path / "experiment.toml").write_text("title = 'Small'\nscenarios = ['plan']\ndraws = 20\n")
    assert shell("run experiment.toml --out whole --chunk 5", tmp_path).returncode == 0
    next((tmp_path / "whole").glob("rows_*")).unlink()
    assert shell("store verify whole | true", tmp_path).returncode == 1


def test_a_mistake_is_told_in_the_exit_code_although_nobody_reads_what_is_wrong(tmp_path: Path) -> None:
    for words in ("reach nope", "reach --nope"):
        for errors in ("2>&-", f"2>{FULL}", "2> >(true)"):
            ended = shell(f"{words} {errors}", tmp_path)
            assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", ""), errors


@pytest.mark.parametrize("others", ["", "<&-", "<&- 2>&-", f"2>{FULL}"])
def test_a_closed_standard_output_is_refused_before_anything_is_computed(tmp_path: Path, others: str) -> None:
    ended = shell(f"run plan --draws 3 --out out.nc >&- {others}", tmp_path)
    sentence = "standard output is closed; expected a terminal, a file or a pipe, or > /dev/null for none\n"
    assert (ended.returncode, ended.stderr) == (74, "" if "2>" in others else sentence)
    assert list(tmp_path.iterdir()) == []


def test_what_is_printed_to_a_closed_standard_error_goes_into_no_file(tmp_path: Path) -> None:
    ended = shell("run plan --draws 3 --out out.nc <&- 2>&-", tmp_path)
    assert (ended.returncode, ended.stdout) == (0, "written: out.nc\n")
    assert (tmp_path / "out.nc").read_bytes()[:3] == b"CDF"
    assert [file.name for file in tmp_path.iterdir()] == ["out.nc"]


@pytest.mark.parametrize("words", ["scenario list", "reach plan --draws 20 --json"])
def test_a_full_disk_under_standard_output_ends_in_74_and_a_sentence(tmp_path: Path, words: str) -> None:
    ended = shell(f"{words} >{FULL}", tmp_path)
    assert (ended.returncode, ended.stderr) == (74, "[Errno 28] No space left on device\n")

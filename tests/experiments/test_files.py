"""Writing results: never over something else unasked, complete or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from fiveyear.experiments.files import ExistsError, WriteError, refuse_existing, write_whole


def test_what_exists_is_refused_unless_forced_even_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ExistsError, match="link: exists; --force writes over it"):
        refuse_existing([tmp_path / "new", link], force=False)
    refuse_existing([link], force=True)
    refuse_existing([tmp_path / "new"], force=False)


@pytest.mark.parametrize("error", [SystemExit(143), KeyboardInterrupt(), ValueError("nonsense"), OSError(28, "full")])
def test_a_writer_that_is_stopped_half_way_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, error: BaseException
) -> None:
    file = tmp_path / "result.nc"
    file.write_text("old")

    def half(path: Path) -> None:
        path.write_text("ne")
        raise error

    with pytest.raises((WriteError, type(error))) as stopped:
        write_whole(file, half)
    assert isinstance(stopped.value, WriteError) == isinstance(error, OSError)
    assert [p.name for p in tmp_path.iterdir()] == ["result.nc"]
    assert file.read_text() == "old"


def test_a_new_file_has_the_rights_that_any_new_file_has(tmp_path: Path) -> None:
    write_whole(tmp_path / "result", lambda path: path.write_text("new"))
    (tmp_path / "plain").write_text("")
    assert (tmp_path / "result").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert (tmp_path / "result").read_text() == "new"


def test_a_place_below_a_file_and_a_folder_that_is_not_there_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "result.nc", tmp_path / "nowhere" / "result.nc"):
        with pytest.raises(WriteError, match=r"result\.nc: cannot be written: "):
            write_whole(place, lambda path: path.write_text("new"))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]

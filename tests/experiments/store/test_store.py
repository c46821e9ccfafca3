from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fiveyear.experiments.console.errors import ExistsError, StoreError, WriteError
from fiveyear.experiments.parallel.work import Chunk
from fiveyear.experiments.store.store import Store, merge

DESCRIPTION = {"rows": 10, "chunk": 4, "seed": 2011, "cases": [{"scenario": "plan"}]}
CHUNKS = (Chunk(0, 4), Chunk(4, 8), Chunk(8, 10))


def filled(folder: Path, *chunks: Chunk, **others: Any) -> Store:
    store = Store.create(folder, {**DESCRIPTION, **others})
    for chunk in chunks or store.chunks:
        store.write(chunk, str(chunk).encode())
    return store


def flip(file: Path, bit: int) -> None:
    data = bytearray(file.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    file.write_bytes(data)


# -- creating and opening -----------------------------------------------------------------------------------
def test_a_store_is_made_with_its_description_and_misses_every_chunk(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "a" / "b", DESCRIPTION)
    assert [p.name for p in (tmp_path / "a" / "b").iterdir()] == ["experiment.json"]
    assert store.description == DESCRIPTION == Store.open(tmp_path / "a" / "b").description
    assert tuple(store.missing()) == store.chunks == CHUNKS
    assert store.finished() == "0 of 3 chunks are finished"


def test_chunks_cover_all_rows_once(tmp_path: Path) -> None:
    for rows, chunk in ((1, 1), (1, 5), (5, 1), (12, 4), (13, 4)):
        chunks = Store.create(tmp_path / f"{rows}_{chunk}", {"rows": rows, "chunk": chunk}).chunks
        assert [row for c in chunks for row in range(*c)] == list(range(rows))
        assert all(c.stop - c.start == chunk for c in chunks[:-1])


def test_a_folder_that_holds_anything_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    for resume in (False, True):
        with pytest.raises(ExistsError, match=r"holds mine\.txt"):
            Store.create(tmp_path, DESCRIPTION, resume)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_store_is_gone_on_with_only_if_that_is_asked_for(tmp_path: Path) -> None:
    filled(tmp_path / "s", CHUNKS[1])
    with pytest.raises(ExistsError, match="--resume goes on with it"):
        Store.create(tmp_path / "s", DESCRIPTION)
    assert Store.create(tmp_path / "s", DESCRIPTION, resume=True).missing() == [CHUNKS[0], CHUNKS[2]]


def test_resuming_where_nothing_is_yet_begins(tmp_path: Path) -> None:
    assert len(Store.create(tmp_path / "new", DESCRIPTION, resume=True).missing()) == 3


def test_another_experiment_is_refused_with_the_keys_that_differ(tmp_path: Path) -> None:
    filled(tmp_path / "s")
    other = {**DESCRIPTION, "seed": 7, "cases": [{"scenario": "behavioural"}], "engine": "fast"}
    with pytest.raises(StoreError) as caught:
        Store.create(tmp_path / "s", other, resume=True)
    assert caught.value.faults[:2] == [
        "seed: is 2011 in the folder, 7 in this run",
        'cases.0.scenario: is "plan" in the folder, "behavioural" in this run',
    ]
    assert caught.value.faults[2].startswith('engine: is not there in the folder, "fast" in this run; another')


@pytest.mark.parametrize(
    ("key", "value"), [("rows", 0), ("rows", True), ("rows", 10**12), ("rows", "5"), ("chunk", 1.0), ("chunk", None)]
)
def test_rows_and_chunk_must_be_whole_numbers_that_fit_a_name(tmp_path: Path, key: str, value: object) -> None:
    with pytest.raises(StoreError, match=f"{key}: is "):
        Store.create(tmp_path / "s", {**DESCRIPTION, key: value})
    assert not (tmp_path / "s").exists()


def test_a_million_and_one_chunks_are_too_many(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="expected larger chunks"):
        Store.create(tmp_path / "s", {"rows": 10**6 + 1, "chunk": 1})


def test_a_folder_without_a_description_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"holds no experiment\.json"):
        Store.open(tmp_path)
    with pytest.raises(StoreError, match=r"holds no experiment\.json"):
        Store.open(tmp_path / "nowhere")


def test_each_flipped_bit_of_the_description_is_noticed(tmp_path: Path) -> None:
    filled(tmp_path / "s")
    file = tmp_path / "s" / "experiment.json"
    for bit in range(file.stat().st_size * 8):
        flip(file, bit)
        with pytest.raises(StoreError, match="is damaged"):
            Store.open(tmp_path / "s")
        flip(file, bit)
    assert Store.open(tmp_path / "s").missing() == []


@pytest.mark.parametrize("text", ["", "[" * 100_000, "[]", "{}", "NaN", '{"rows": 1, "rows": 2}', "1" * 5000, "\ufeff"])
def test_a_description_of_nobody_s_making_is_damaged(tmp_path: Path, text: str) -> None:
    (tmp_path / "experiment.json").write_text(text)
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(tmp_path)


def test_a_pipe_in_place_of_the_description_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "experiment.json")
    with pytest.raises(StoreError, match="it is a pipe"):
        Store.open(tmp_path)


def test_two_programs_do_not_write_into_one_store(tmp_path: Path) -> None:
    filled(tmp_path / "s", CHUNKS[0])
    program = (
        "import sys; from pathlib import Path; from fiveyear.experiments.store.store import Store\n"
        f"Store.create(Path(sys.argv[1]), {DESCRIPTION!r}, resume=True)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path / "s")], capture_output=True, text=True)
    assert "another run is writing there" in ended.stderr


# -- writing and reading ------------------------------------------------------------------------------------
def test_a_chunk_is_one_file_named_for_its_rows_and_its_hash(tmp_path: Path) -> None:
    store = Store.create(tmp_path, DESCRIPTION)
    path = store.write(CHUNKS[1], b"abc")
    # The SHA-256 of "abc" is the example of FIPS 180-4.
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert path == tmp_path / f"rows_000000000004_000000000008_{digest}.nc"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["experiment.json", path.name]
    assert store.read(CHUNKS[1]) == b"abc" == Store.open(tmp_path).read(Chunk(4, 8))
    assert store.missing() == [CHUNKS[0], CHUNKS[2]]
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def test_rows_that_are_no_chunk_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no chunk of"):
        Store.create(tmp_path, DESCRIPTION).write(Chunk(0, 5), b"")


def test_a_chunk_that_is_not_there_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="rows 8 to 10: is not there; fiveyear run --resume computes it"):
        filled(tmp_path, CHUNKS[0]).read(CHUNKS[2])


def test_a_flipped_bit_is_noticed_and_the_chunk_computed_again(tmp_path: Path) -> None:
    store = filled(tmp_path)
    rng = random.Random(1)
    for _ in range(100):
        chunk = rng.choice(CHUNKS)
        (file,) = tmp_path.glob(f"rows_{chunk.start:012d}_*")
        flip(file, rng.randrange(file.stat().st_size * 8))
        assert store.missing() == [chunk]
        with pytest.raises(StoreError, match="is damaged"):
            store.read(chunk)
        (fault,) = store.verify()
        assert file.name in fault
        store.write(chunk, str(chunk).encode())
        assert store.verify() == [] == store.missing()


def test_a_chunk_cut_short_or_empty_or_unreadable_is_missing(tmp_path: Path) -> None:
    store = filled(tmp_path)
    file = next(tmp_path.glob("rows_000000000000_*"))
    for data in (b"", file.read_bytes()[:-1], file.read_bytes() + b"\0"):
        file.write_bytes(data)
        assert store.missing() == [CHUNKS[0]]
        assert store.missing(check=False) == []


def test_a_damaged_file_under_another_hash_gives_way_to_the_right_one(tmp_path: Path) -> None:
    store = filled(tmp_path)
    file = next(tmp_path.glob("rows_000000000000_*"))
    file.rename(file.with_name(f"rows_000000000000_000000000004_{'0' * 64}.nc"))
    assert store.missing() == [CHUNKS[0]]
    assert store.write(CHUNKS[0], str(CHUNKS[0]).encode()) == file
    assert store.verify() == []


def test_two_whole_files_of_one_chunk_are_a_fault_and_neither_is_read(tmp_path: Path) -> None:
    store = filled(tmp_path)
    store.write(CHUNKS[0], b"other numbers")
    assert ["is there 2 times" in fault for fault in store.verify()] == [True]
    with pytest.raises(StoreError, match="is there 2 times"):
        store.read(CHUNKS[0])


def test_foreign_files_are_told_and_left_alone(tmp_path: Path) -> None:
    store = filled(tmp_path)
    digest = hashlib.sha256(b"").hexdigest()
    foreign = [
        "notes.txt",
        ".hidden",
        f"rows_000000000000_000000000005_{digest}.nc",  # no chunk of this experiment
        f"rows_000000000000_000000000004_{digest}.nc.bak",
        f"rows_000000000000_000000000004_{digest.upper()}.nc",
        f"rows_\u0660\u0660\u0660000000000_000000000004_{digest}.nc",
        "red\x1b[31m\nline",
    ]
    for name in foreign:
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "folder").mkdir()
    told = Store.create(tmp_path, DESCRIPTION, resume=True).verify()
    assert len(told) == len(foreign) + 1
    assert all(fault.endswith("is no part of it") and fault.isprintable() for fault in told)
    assert all((tmp_path / name).exists() for name in foreign)
    assert store.missing() == []


def test_what_a_killed_run_left_half_written_is_told_and_removed_by_a_resume(tmp_path: Path) -> None:
    store = filled(tmp_path)
    left = [".unfinished.x_1234ab.nc", ".unfinished.abcdefgh.json"]
    for name in left:
        (tmp_path / name).write_bytes(b"half")
    assert len([f for f in store.verify() if "half-written" in f]) == 2
    assert Store.create(tmp_path, DESCRIPTION, resume=True).verify() == []


def test_a_link_at_the_name_of_a_chunk_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("precious")
    store = Store.create(tmp_path / "s", DESCRIPTION)
    link = tmp_path / "s" / f"rows_000000000000_000000000004_{hashlib.sha256(b'new').hexdigest()}.nc"
    link.symlink_to(tmp_path / "outside")
    with pytest.raises(WriteError, match="it is a link"):
        store.write(CHUNKS[0], b"new")
    assert (tmp_path / "outside").read_text() == "precious"
    assert store.missing() == list(CHUNKS)


# -- what the disk does -------------------------------------------------------------------------------------
def test_a_full_disk_leaves_nothing_at_a_final_name_and_says_how_far_it_got(small_disk: Path) -> None:
    store = Store.create(small_disk / "s", DESCRIPTION)
    store.write(CHUNKS[0], bytes(20_000))
    with pytest.raises(WriteError, match=r"No space left on device; 1 of 3 chunks are finished; .*--resume"):
        store.write(CHUNKS[1], bytes(60_000))
    assert sorted(p.name[:17] for p in (small_disk / "s").iterdir()) == ["experiment.json", "rows_000000000000"]
    assert Store.create(small_disk / "s", DESCRIPTION, resume=True).missing() == [CHUNKS[1], CHUNKS[2]]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_whatever_step_of_writing_fails_nothing_half_written_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store = filled(tmp_path, CHUNKS[0])

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(*((os, call, full) if call == "fsync" else (Path, call, full)))
        with pytest.raises(WriteError, match="1 of 3 chunks are finished"):
            store.write(CHUNKS[1], b"data")
    assert len(list(tmp_path.iterdir())) == 2
    assert store.verify() == [
        f"the chunk of rows {a} to {b}: is not there; fiveyear run --resume computes it" for a, b in CHUNKS[1:]
    ]


def test_a_file_in_place_of_the_folder_cannot_be_written_into(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="cannot be made"):
        Store.create(tmp_path / "file", DESCRIPTION)


# -- merging ------------------------------------------------------------------------------------------------
def test_shards_merge_into_the_store_of_a_run_in_one_piece(tmp_path: Path) -> None:
    whole = filled(tmp_path / "whole")
    merged = merge([filled(tmp_path / "1", CHUNKS[0], CHUNKS[2]), filled(tmp_path / "2", CHUNKS[1])], tmp_path / "out")
    assert merged.verify() == []
    assert _content(merged) == _content(whole)
    assert merge([Store.open(tmp_path / "2")], tmp_path / "out").missing() == []


def _content(store: Store) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in store.folder.iterdir()}


def test_a_merge_copies_where_there_can_be_no_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def across(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", across)
    assert merge([filled(tmp_path / "1")], tmp_path / "out").verify() == []


def test_a_merge_of_too_little_says_what_is_missing(tmp_path: Path) -> None:
    merged = merge([filled(tmp_path / "1", CHUNKS[0])], tmp_path / "out")
    assert merged.missing() == [CHUNKS[1], CHUNKS[2]]
    assert merged.finished() == "1 of 3 chunks are finished"


def test_a_merge_mends_what_is_damaged_where_it_goes(tmp_path: Path) -> None:
    merged = merge([filled(tmp_path / "1", CHUNKS[0]), filled(tmp_path / "2", *CHUNKS[1:])], tmp_path / "out")
    file = next((tmp_path / "out").glob("rows_000000000004_*"))
    file.unlink()
    file.write_bytes(b"damaged")
    assert merge([Store.open(tmp_path / "2")], tmp_path / "out").verify() == [] == merged.verify()


def test_shards_that_contradict_each_other_do_not_merge(tmp_path: Path) -> None:
    first, second = filled(tmp_path / "1", CHUNKS[0]), Store.create(tmp_path / "2", DESCRIPTION)
    second.write(CHUNKS[0], b"other numbers")
    with pytest.raises(StoreError, match=r"rows 0 to 4: .* hold different numbers"):
        merge([first, second], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_shards_that_contradict_what_is_there_do_not_merge(tmp_path: Path) -> None:
    merge([filled(tmp_path / "1", CHUNKS[0])], tmp_path / "out")
    second = Store.create(tmp_path / "2", DESCRIPTION)
    second.write(CHUNKS[0], b"other numbers")
    with pytest.raises(StoreError, match="hold different numbers"):
        merge([second], tmp_path / "out")


def test_a_damaged_shard_does_not_merge(tmp_path: Path) -> None:
    first = filled(tmp_path / "1", CHUNKS[0])
    flip(next((tmp_path / "1").glob("rows_*")), 5)
    with pytest.raises(StoreError, match="is damaged"):
        merge([first], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_shards_of_two_experiments_do_not_merge(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="seed: is 3 in the folder, 2011 in "):
        merge([filled(tmp_path / "1"), filled(tmp_path / "2", seed=3)], tmp_path / "out")


def test_merging_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store to merge"):
        merge([], tmp_path / "out")


def test_the_description_is_json_that_others_can_read(tmp_path: Path) -> None:
    filled(tmp_path)
    told = json.loads((tmp_path / "experiment.json").read_text())
    digest = told.pop("sha256")
    assert told == DESCRIPTION
    assert digest == hashlib.sha256(json.dumps(told).encode()).hexdigest()

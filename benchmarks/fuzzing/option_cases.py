"""Words of the command line that are not meant: values of options, and what commands are asked about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from .case import EQUAL, Case, Ended, Expected, say

SCENARIO = 'title = "Mine"\nextends = "plan"\nexpect = "x"\n'
EXPERIMENT = 'title = "Mine"\nscenarios = ["plan"]\ndraws = 4\noutputs = ["rd_intensity"]\n'
FILES = {"mine.toml": SCENARIO.encode(), "exp.toml": EXPERIMENT.encode(), "there.nc": b"x", "notes.txt": b"x"}
PATH = "paths.planned_rd_intensity.values.2015"

RUN = ("run", "plan", "--out", "x.nc", "--draws", "2")
BATCH = ("run", "exp.toml", "--out", "st")
REACH = ("reach", "plan", "--draws", "2")
COMPARE = ("compare", "plan", "frozen", "--draws", "2")
BACKTEST = ("backtest",)
EXAMINE = ("programmes", "examination", "--draws", "20")
EXPORT = ("model", "export", "plan", "--out", "x.stmx")
PROGRAMMES = ("programmes", "reach", "seed_industry", "--draws", "2")

HUGE = "9" * 30
NO_WHOLE_NUMBERS = ("-5", "1.5", "1e3", "１００", "٣", "", "abc", "nan", "0x10", HUGE, "5 %", "1,000", "2011-07")
NO_NUMBERS = ("", "abc", "nan", "inf", "-inf", "２", "1,5", "5 %", "0.1.2")
NO_MONTHS = ("2011", "2011-13", "2011-7", "07-2011", "July 2011", "", "２０１１-07", "2011-07-01", "2011/07", "2011-00")
NO_SHARDS = ("", "0/4", "5/4", "1", "1/0", "a/b", "１/４", "1/4/2", "-1/4", "1.5/4", "/", "1/", "1:4", " ")
NO_DRAWS = ("", "mean", "-1", "1.5", "３", "9" * 30, "0x1", "Median", " ")
NO_SETTINGS = (
    "", "x", "=", "paths", "=2", "planned_rd_intensity=2.0", "paths.planned_rd_intensity=2.0", f"{PATH}=", f"{PATH}",
    f"{PATH}=2,2", f"{PATH}=２.０", f"{PATH}=two", f"{PATH}='2.0'", f"{PATH}=true", f"{PATH}=nan", f"{PATH}=inf",
    f"{PATH}=200", f"{PATH}=0.022", f"{PATH}=-2", f"{PATH}=2.0 %", f"{PATH}=[2.0]", f"{PATH}=2_",
    "paths.planned_rd_intensity.values.2051=2.0", "paths.planned_rd_intensity.values.15=2.0",
    "paths.planned_rd_intensity.values.2009=2.0", "paths.planned_rd_intensity.values=2.0",
    "paths.planned_rd_intensity.vlaues.2015=2.0", "paths.planned_rd_intensty.values.2015=2.0",
    "path.planned_rd_intensity.values.2015=2.0", "paths.planned_rd_intensity.growth.2015=2.0",
    "parameters.attrition_rat.value=0.05", "parameters.attrition_rate=0.05", "parameters.attrition_rate.value=5",
    "parameters.attrition_rate.unit='furlong'", "cuts=R4", "cuts=['R99']", "closes=['R4']", "plan='eleventh'",
    "extends='frozen'", "title=''", "title=mine", f"{PATH}=2.0\ntitle='x'", f"\x1b[31m{PATH}=2.0", "a" * 5000 + "=1",
    f"{PATH}={'9' * 5000}", f"{PATH}=" + "[" * 5000, f"{PATH}：2.0", f"paths，planned_rd_intensity={2.0}",
)  # fmt: skip
NO_SCENARIOS = (
    "plam", "Plan", "PLAN", "plan.tml", "plan.yaml", "plan.toml", "no/such.toml", "", " ", ".", "./", "..",
    "there.nc", "./there.nc", "notes.txt", "./notes.txt", "/dev/null", "twelfth", "planned_rd_intensity", "plan ",
    "plan\n", "\x1b[31m", "ｐｌａｎ", "行为", "behavioral", "a" * 5000,
)  # fmt: skip
NO_FACTS = (
    "jul2011",
    "july",
    "JULY2011",
    "july2011 ",
    "",
    "2011-07",
    "observed.csv",
    "\x1b[31m",
    "planonly",
    "yearbooks",
)

#: The command, the option, and values that are none for it.
VALUES: list[tuple[tuple[str, ...], str, Sequence[str]]] = [
    *(
        (command, "--draws", ("0", *NO_WHOLE_NUMBERS))
        for command in (RUN, REACH, COMPARE, BACKTEST, EXAMINE, PROGRAMMES)
    ),
    *(
        (command, "--seed", [n for n in NO_WHOLE_NUMBERS if n != HUGE])
        for command in (RUN, REACH, COMPARE, BACKTEST, EXPORT, PROGRAMMES)
    ),
    *(
        (command, "--facts", NO_FACTS)
        for command in (RUN, REACH, COMPARE, BACKTEST, EXPORT, ("validate",), ("calibrate",), PROGRAMMES)
    ),
    *((command, "--set", NO_SETTINGS) for command in (RUN, REACH, COMPARE, EXPORT, REACH)),
    *((command, "--engine", ("faster", "FAST", "", "llvm")) for command in (RUN, REACH, BATCH)),
    *((command, "--method", ("rk5", "RK4", "", "runge")) for command in (RUN, EXPORT)),
    *((command, "--step", ("0", "2", "-0.1", "1e-9", *NO_NUMBERS)) for command in (RUN, EXPORT)),
    (REACH, "--vintage", NO_MONTHS),
    (("run", "plan", "--out", "x.nc"), "--draw", NO_DRAWS),
    (EXPORT, "--draw", NO_DRAWS),
    (RUN, "--keep", ("researcher", "no_such", "rd intensity", "", ",", "Researchers")),
    (RUN, "--out", ("", ".", "x.txt", "x", "x.csv", "there.nc")),
    (EXPORT, "--out", ("", ".", "x.txt", "there.nc")),
    (EXPORT, "--lang", ("fr", "ZH", "", "chinese")),
    (BATCH, "--shard", NO_SHARDS),
    *((BATCH, option, ("0", *NO_WHOLE_NUMBERS)) for option in ("--workers", "--chunk")),
    (BATCH, "--scheduler", ("", "no/such.json", "notes.txt")),
    (PROGRAMMES, "--workers", ("0", *NO_WHOLE_NUMBERS)),
    (PROGRAMMES, "--scenario", NO_SCENARIOS),
    (("programmes", "list"), "--kind", ("Core", "mega", "", "portfolios")),
    (BACKTEST, "--plan", ("elevnth", "11th", "", "plan")),
    *((BACKTEST, option, ("20O5", "1.5", "", "２００５", "1066", "0")) for option in ("--origin", "--horizon")),
    (BACKTEST, "--scored", ("no/such.csv", "", ".", "notes.txt")),
    (("validate",), "--plan", ("twelvth", "12th", "", "plan")),
    (("calibrate",), "--plan", ("twelvth", "12th", "", "plan")),
    (("scenario", "new", "Mine"), "--out", ("", "x.txt", "x", "mine.toml", ".")),
    (("scenario", "new", "Mine", "--out", "x.toml"), "--extends", NO_SCENARIOS),
]

#: The command, what it is asked about in place of the last word, and what no such thing is.
WORDS: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    *(((*command, "--draws", "2"), NO_SCENARIOS) for command in (("reach",), ("compare", "plan"))),
    (("run", "--out", "x.nc"), NO_SCENARIOS),
    (("scenario", "show"), NO_SCENARIOS),
    (("scenario", "check"), NO_SCENARIOS),
    (("model", "export", "--out", "x.stmx"), NO_SCENARIOS),
    (
        ("programmes", "reach"),
        (
            "seed_industries",
            "Seed_industry",
            "",
            "no/such.toml",
            "./notes.txt",
            "platforms",
            "plan",
            "种业",
            "exp.toml",
        ),
    ),
    (("model", "show"), ("researcher", "Researchers", "", "no_such", "research", "R99", "\x1b[31m", "研究", "gpd")),
    (("model", "check"), ("no.stmx", "a" * 5000, "", ".", "notes.txt", "mine.toml", "/dev/null")),
    (("store", "show"), ("st", "a" * 5000, "", ".", "notes.txt", "there.nc", "mine.toml", "/dev/null")),
    (("store", "verify"), ("st", "a" * 5000, "", ".", "notes.txt", "there.nc", "/dev/null")),
]

#: Words that are no command or option, and the nearest that is.
MISSPELT: list[tuple[tuple[str, ...], str]] = [
    (("raech",), "raech"),
    (("scenarios", "list"), "scenarios"),
    (("programme", "list"), "programme"),
    (("models", "list"), "models"),
    (("scenario", "shwo", "plan"), "shwo"),
    (("store", "veriffy", "st"), "veriffy"),
    ((*REACH, "--drws", "5"), "--drws"),
    ((*REACH, "--sed", "5"), "--sed"),
    ((*REACH, "--Draws", "5"), "--Draws"),
    ((*REACH, "-draws", "5"), "-d"),
    ((*REACH, "--jsn"), "--jsn"),
    ((*REACH, "—draws", "5"), "—draws"),
    ((*REACH, "--decompos"), "--decompos"),
    ((*RUN, "--shard", "1/2"), "--shard"),
    ((*BATCH, "--draws", "5"), "--draws"),
    ((*BATCH, "--set", f"{PATH}=2.0"), "--set"),
    ((*BATCH, "--seed", "5"), "--seed"),
    (("run", "plan"), "--out"),
    (("run", "exp.toml"), "--out"),
    (("run",), "SCENARIO"),
    (("compare", "plan"), "OTHER"),
    (("model", "export", "plan"), "--out"),
    (("scenario", "new"), "NAME"),
    (("reach", "plan", "--set"), "--set"),
    (("reach", "exp.toml"), "exp.toml"),
    (("run", "mine.toml", "--dry-run"), "--dry-run"),
    (("reach", "plan", "mine.toml", "mine.toml", "--draws", "2"), "mine"),
]

#: Ways to say the same.
ALIKE: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
    ((*REACH, "--json", "--set", f"{PATH}=2.20"), (*REACH, "--json", "--set", f"{PATH}=2.2")),
    ((*REACH, "--json", "--set", f"{PATH}=22e-1"), (*REACH, "--json", "--set", f"{PATH}=2.2")),
    ((*REACH, "--json", f"--set={PATH}=2.2"), (*REACH, "--json", "--set", f"{PATH}=2.2")),
    ((*REACH, "--json", "--set", f" {PATH} = 2.2"), (*REACH, "--json", "--set", f"{PATH}=2.2")),
    (("reach", "--json", "--draws=2", "plan"), (*REACH, "--json")),
    (("reach", "--draws", "2", "--json", "--seed", "2011", "plan"), (*REACH, "--json")),
    (("reach", "--draws", "2", "--json", "--facts", "july2011", "plan"), (*REACH, "--json")),
    ((*REACH, "--json", "--engine", "reference", "--engine", "fast"), (*REACH, "--json")),
    ((*REACH, "--vintage", "2011-07", "--json"), (*REACH, "--json")),
]  # fmt: skip


def case(random: Random) -> Case:
    """Give words of the command line."""
    how = random.choices(["value", "word", "misspelt", "alike"], [66, 20, 11, 3])[0]
    if how == "alike":
        words, other = random.choice(ALIKE)

        def holds(ended: Ended, folder: Path) -> str:
            found, expected = (_numbers(out) for out in (ended.out, say(other, folder).out))
            return "" if found == expected else "another answer"

        return Case("words put otherwise", words, Expected(refused=False, taken_as=EQUAL, holds=holds), FILES)
    if how == "misspelt":
        words, place = random.choice(MISSPELT)
        return Case("words that are none", words, Expected((), (place,)), FILES)
    if how == "word":
        command, names = random.choice(WORDS)
        name = random.choice(names)
        return Case("a name of nothing", (*command, name), Expected((), (_said(name),)), FILES)
    command, option, values = random.choice(VALUES)
    value = random.choice(values)
    places = (option.strip("-"), *([_said(value)] if value.strip() else []))
    return Case(f"{option} that is none", (*command, option, value), Expected((), places), FILES)


def _numbers(out: str) -> object:
    """Give the numbers of an answer; how it was asked for is no part of them."""
    scenarios = json.loads(out)["scenarios"]
    return [(s["joint"], s["number_met"], [t["probability"] for t in s["targets"]]) for s in scenarios]


def _said(value: str) -> str:
    """Give a value as a message may show it: its first words that can be printed."""
    printed = "".join(sign for sign in value if sign.isprintable())
    return printed.strip().removeprefix("./")[:40]

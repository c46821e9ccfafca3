"""The text of an experiment file to start from."""

from __future__ import annotations

from collections.abc import Sequence

from .plan import Plan
from .settings import written

TEMPLATE = """\
#:schema {schema}
# An experiment of your own: scenarios, each at every point of a design of factors, with many draws each.
# How large it is: fiveyear run {file} --dry-run

title = {title}
scenarios = {scenarios}  # shipped names, or paths that start beside this file
draws = 10_000  # of each case: a scenario at one point of the design
seed = 2011  # the same seed gives each draw the same random numbers, in every case
keep = "draws"  # or "summary", which keeps counts only: for very many draws

# Without this line all indicators that the plan has. Variables of the model may be named, too.
# outputs = ["rd_intensity", "researchers"]

# What had been published when: an information set of the plan; without this line the plan's first.
# facts = "yearbook"


# --- factors: what the cases differ in ---
# Each is a key of a scenario file, as after --set on the command line, with the values that it takes:
# numbers, texts, lists (of the loops that `cuts` or `closes` names) or tables (of years, for `values` or `growth`).
# All combinations are run, the last factor changing fastest. Numbers are in the unit that the scenario states, or
# else the plan, or else the model (growth: %/year).

[factors."paths.planned_rd_intensity.values.{end}"]
values = [2.0, 2.2, 2.4]

# [factors.closes]
# values = [[], ["FINANCE"]]


# --- a sample instead of all combinations ---
# A factor then may have a range: `low` and `high`, with `scale = "log"` if numbers are to be uniform in logarithm.
# Its points are the same for all scenarios. "sobol" takes a power of two; its first half is the smaller sample.
#
# [design]
# kind = "latin hypercube"  # or "sobol"
# points = 64
# seed = 2011
#
# [factors."parameters.attrition_rate.value"]
# low = 0.02
# high = 0.08
"""


def experiment_template(title: str, scenarios: Sequence[str], plan: Plan, file: str, schema: str) -> str:
    """Give the commented text of an experiment with scenarios of a plan.

    ``file`` is how the file will be called, ``schema`` where an editor finds the schema of such files.
    """
    return TEMPLATE.format(
        schema=schema,
        title=written(title),
        scenarios=written(list(scenarios)),
        end=plan.end,
        file=file,
    )

"""The checks: each with its threshold, where that is from, and what it means if it is not kept."""

from __future__ import annotations

from math import inf

from fiveyear.calibration.sampler import EFFECTIVE, LONG, R_HAT

from . import bands, behaviour, conservation, extremes, inference, numerics, structure
from .check import Check, Measure

FORRESTER = "Forrester & Senge 1980"
SOLVED = f"behaviour prediction, {FORRESTER}; solved by hand"
BARLAS = "Barlas 1996"
STERMAN = "Sterman 2000, ch. 21"
HAIRER = "Hairer, Norsett & Wanner 1993"
VEHTARI = "Vehtari et al. 2021"
CLASS = "reference class forecasting, Flyvbjerg 2008; docs/protocol.md"
ROUND_OFF = 1e-12
NONE = (0.0, 0.0)

#: What the groups are called, in their order.
GROUPS = {
    "structure": "Structure: do the equations hang together?",
    "extremes": "Extreme conditions: does nothing come of nothing?",
    "conservation": "Conservation: is anything lost or made?",
    "numerics": "Numerics: are the numbers those of the equations?",
    "behaviour": "Behaviour: does the model move as theory says?",
    "bands": "Bands: are they as wide as others were off?",
    "inference": "Inference: did the facts, and nothing else, speak?",
}

#: What is measured, in which unit, the range it must lie in, and where that range, or the test, is from.
MEASURED: tuple[tuple[Measure, str, tuple[float, float], str], ...] = (
    (structure.units, "equations", NONE, f"dimensional consistency, {FORRESTER}"),
    (structure.indicator_units, "indicators", NONE, f"dimensional consistency, {FORRESTER}"),
    (structure.owners, "names", NONE, f"structure verification, {FORRESTER}"),
    (structure.loops, "loops", NONE, f"structure verification, {FORRESTER}"),
    (structure.loop_signs, "loops", NONE, f"structure verification, {FORRESTER}"),
    (structure.bounds, "variables", NONE, f"structure-oriented behaviour tests, {BARLAS}"),
    (
        extremes.knowledge_without_research,
        "relative",
        (-inf, 1e-5),
        f"extreme conditions, {STERMAN}; RK4 is off by (rate x step)^5 / 120 a step",
    ),
    (extremes.nothing_without_research, "base units", NONE, f"extreme conditions, {STERMAN}"),
    (extremes.grants_without_examiners, "patents", NONE, f"extreme conditions, {STERMAN}"),
    (extremes.backlog_without_examiners, "relative", (-inf, ROUND_OFF), f"extreme conditions, {STERMAN}"),
    (extremes.shares_and_floors, "variables", NONE, f"extreme conditions, {STERMAN}"),
    (conservation.stocks, "relative", (-inf, ROUND_OFF), f"conservation of matter, {STERMAN}"),
    (conservation.chains, "relative", (-inf, ROUND_OFF), f"conservation of matter, {STERMAN}"),
    (numerics.rk4_order, "order", (3.8, 4.2), HAIRER),
    (numerics.euler_order, "order", (0.9, 1.1), HAIRER),
    (numerics.half_step, "relative", (-inf, 1e-4), f"integration error, {STERMAN}"),
    (numerics.adaptive, "relative", (-inf, 1e-4), f"integration error, {STERMAN}; LSODA, Petzold 1983"),
    (numerics.engines, "relative", (-inf, ROUND_OFF), "differential testing, McKeeman 1998"),
    (behaviour.steady_state_of_the_whole, "relative", (-inf, 1e-9), SOLVED),
    (behaviour.steady_state_of_the_plan, "relative", (-inf, 1e-9), SOLVED),
    (behaviour.prices, "relative", (-inf, 1e-9), f"symmetry, {BARLAS}; homogeneity of degree zero in prices"),
    (behaviour.more_spending, "relative", (0.0, inf), f"changed-behaviour prediction, {FORRESTER}"),
    (behaviour.loops_at_work, "% or points", (0.5, inf), f"behaviour anomaly, {FORRESTER}"),
    (behaviour.placebo, "ratio", (0.2, 0.8), f"family member, {FORRESTER}"),
    (behaviour.placebo_ahead, "ratio", (0.4, 0.8), f"family member, {FORRESTER}; docs/protocol.md"),
    (bands.sd_of_the_last_year, "ratio", (1.0, inf), CLASS),
    (bands.sd_of_the_next_year, "times", (-inf, 2.5), CLASS),
    (bands.growth_of_the_sd, "power", (0.5, 1.05), CLASS),
    (bands.spending_and_personnel, "correlation", (0.2, 1.0), CLASS),
    (bands.personnel_and_applications, "correlation", (0.1, 1.0), CLASS),
    (bands.intensity_and_gdp, "correlation", (-1.0, 0.0), CLASS),
    (bands.chances_and_scales, "probability", (-inf, 0.15), "sensitivity to what is taken from other countries"),
    (inference.plausible_facts, "series", NONE, "prior predictive check, Gelman et al. 2013, ch. 6"),
    (inference.residuals, "share", (0.9, inf), f"behaviour reproduction, {STERMAN}; a normal error keeps .95"),
    (inference.predictive, "share", (0.8, inf), "posterior predictive check, Gelman et al. 2013, ch. 6"),
    (inference.last_year_held_out, "share", (0.75, inf), f"behaviour prediction, {STERMAN}"),
    (inference.open_a_priori, "ratio", (2.0, inf), "prior predictive check, Gelman et al. 2013, ch. 6"),
    (
        inference.contraction,
        "share",
        (-0.25, 1.0),
        "Schad, Betancourt & Vasishth 2021; a bent likelihood may widen one number a little",
    ),
    (inference.targets_are_no_data, "prior sd", NONE, "no information from what is to be predicted"),
    (inference.r_hat, "ratio", (-inf, R_HAT), VEHTARI),
    (inference.ess_bulk, "draws", (EFFECTIVE, inf), VEHTARI),
    (inference.ess_tail, "draws", (EFFECTIVE, inf), VEHTARI),
    (inference.autocorrelation_times, "times", (LONG, inf), "Sokal 1997; Foreman-Mackey et al. 2013"),
)

LONG_RUN = "the long run is not what the equations imply: one of them, or a delay, is not what it says"

#: What to make of a figure that lies outside.
MEANS = {
    "units": "an equation adds or equates unlike things, and no number of the model can be trusted",
    "indicator_units": "an indicator is not what the plan counts, perhaps by a factor of ten thousand",
    "owners": "an equation reads what nobody computes, or an input is set and changes nothing",
    "loops": "a named feedback is none, or works the other way round: cutting it answers another question",
    "loop_signs": "with the parameters as fitted, a feedback works the other way round from what its name says",
    "bounds": "a variable goes where its own formula cannot lead: a hard range or the arithmetic is broken",
    "knowledge_without_research": (
        "knowledge comes from something other than R&D, or ages by another law than is stated"
    ),
    "nothing_without_research": "people, contracts or papers come without money",
    "grants_without_examiners": "patents are granted that nobody has examined",
    "backlog_without_examiners": "applications leave the queue though nobody decides on them, or never enter it",
    "shares_and_floors": "an extreme drives a share out of its range, a stock below its floor, or a number to infinity",
    "stocks": "a stock gains or loses by something that is no flow",
    "chains": "a delay starts with more, or less, in it than it is given",
    "rk4_order": "the integrator is not the method it is named for",
    "euler_order": "the integrator is not the method it is named for",
    "half_step": "the default step is too long: what is reported depends on it",
    "adaptive": "a solver that chooses its own steps finds other numbers from the same equations",
    "engines": "the kernel that answers does not compute the equations that are printed",
    "steady_state_of_the_whole": LONG_RUN,
    "steady_state_of_the_plan": LONG_RUN,
    "prices": "something real hangs on the price level: an equation mixes current and constant prices",
    "more_spending": "money does harm: a link has the wrong sign, or a fitted elasticity is below zero",
    "loops_at_work": "a feedback with a name does nothing that anybody could see: leave it out",
    "placebo": "the projection hardly hangs on the facts: any country would be told the same",
    "placebo_ahead": "what is projected comes from the outlook and the priors, whatever the facts say",
    "sd_of_the_last_year": "a projection is surer of five years than forecasts of other countries have been",
    "sd_of_the_next_year": "a projection is much surer, or much less sure, of one year than others have been",
    "growth_of_the_sd": "errors add up over the years in another way than in other countries",
    "spending_and_personnel": "errors of money do not reach people",
    "personnel_and_applications": "errors of personnel do not reach what they apply for",
    "intensity_and_gdp": "budgets follow every surprise in output at once",
    "chances_and_scales": "chances hang on a scale that is known within a third at best: quote them with this range",
    "plausible_facts": "the model was fitted to figures that are not what they are said to be",
    "residuals": "the model cannot follow the history it was fitted to, or errors of measurement are set too small",
    "predictive": "the posterior would not have made facts like these",
    "last_year_held_out": "a fit to earlier years is too sure of the next one, or wrong about it",
    "open_a_priori": "the priors alone settle the answer, whatever the facts say",
    "contraction": "facts made a number much less certain than its prior: they contradict it, or the sampler erred",
    "targets_are_no_data": "the plan's targets leaked into the parameters by which they are judged",
    "r_hat": "ensembles that started apart did not come to the same posterior: sample longer",
    "ess_bulk": "medians are uncertain by chance of sampling: sample longer",
    "ess_tail": "the ends of intervals are uncertain by chance of sampling: sample longer",
    "autocorrelation_times": "the chains are too short to tell how long they should be",
}

#: Variables of the model without which there is nothing to measure.
ABOUT: dict[str, tuple[str, ...]] = {
    "knowledge_without_research": ("planned_rd_intensity", "knowledge"),
    "nothing_without_research": ("planned_rd_intensity", "hiring"),
    "grants_without_examiners": ("examiner_effort", "domestic_grants"),
    "backlog_without_examiners": ("examiner_effort", "applications", "backlog"),
    "prices": ("price_level",),
    "more_spending": ("planned_rd_intensity", "researchers"),
}

CHECKS = tuple(
    Check(measure, unit, bounds, source, MEANS[measure.__name__], ABOUT.get(measure.__name__, ()))
    for measure, unit, bounds, source in MEASURED
)

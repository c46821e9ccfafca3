"""The report as one HTML file, which holds its figures."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

from fiveyear.experiments.console.language import month_in_words
from fiveyear.experiments.page.blocks import Heading, Paragraph, References
from fiveyear.experiments.page.web_page import element, escaped, page

from .sections import sections
from .study import Study

WORKS = (
    "Durbin, J. & Watson, G. S. (1951). Testing for serial correlation in least squares regression, II. Biometrika "
    "38(1/2), 159-177.",
    "Foreman-Mackey, D., Hogg, D. W., Lang, D. & Goodman, J. (2013). emcee: the MCMC hammer. Publications of the "
    "Astronomical Society of the Pacific 125(925), 306-312.",
    "Gelman, A., Meng, X.-L. & Stern, H. (1996). Posterior predictive assessment of model fitness via realized "
    "discrepancies. Statistica Sinica 6(4), 733-760.",
    "Raue, A. et al. (2009). Structural and practical identifiability analysis of partially observed dynamical models "
    "by exploiting the profile likelihood. Bioinformatics 25(15), 1923-1929.",
    "Sterman, J. D. (1984). Appropriate summary statistics for evaluating the historical fit of system dynamics "
    "models. Dynamica 10(2), 51-66.",
    "Theil, H. (1966). Applied Economic Forecasting. North-Holland.",
    "Vehtari, A. et al. (2021). Rank-normalization, folding, and localization: an improved R-hat for assessing "
    "convergence of MCMC. Bayesian Analysis 16(2), 667-718.",
)


def written(study: Study, pictures: Mapping[str, bytes]) -> str:
    """Give the whole page; ``pictures``: each figure by its name, as PNG, which the page holds itself."""
    evidence, problem = study.fitted.evidence, study.fit.problem
    opening = (
        f"{evidence.plan.title}; facts published by {month_in_words(evidence.month)}, "
        f"{len(study.facts)} of {len(study.series)} series, "
        f"years {problem.plan.start} to {problem.last_year}; {len(study.parameters)} parameters and "
        f"{len(problem.names) - len(study.parameters)} yearly shocks; {study.fitted.size:,} parameter sets drawn "
        "from the posterior. A prior is what was believed before any fact was looked at; the posterior is what is "
        "believed after. The sections say how well the facts are met, what they taught, what they did not, and which "
        "answers hang on what they did not."
    )
    parts = [element(Paragraph(opening)), _list([s for section in sections(study) for s in section.findings[:1]])]
    for section in sections(study):
        parts += [element(Heading(section.title, 1)), element(Paragraph(section.reading)), _list(section.findings)]
        if section.picture:
            inside = base64.b64encode(pictures[section.picture]).decode()
            parts.append(f'<img style="width: 100%" alt="{section.title}" src="data:image/png;base64,{inside}">')
        parts += [element(block) for block in section.below]
    parts += [element(Heading("Literature", 1)), element(References(WORKS))]
    return page(f"What the data said: {evidence.plan.title}", "\n".join(parts))


def _list(sentences: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escaped(sentence)}</li>' for sentence in sentences)}</ul>"

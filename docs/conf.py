"""The documentation site: `make docs`. Pages in docs/reference are written here from the code, at each build."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import reference_pages  # noqa: E402  # found by the line above

reference_pages.write(HERE / "reference")

project = "fiveyear"
version = release = installed_version("fiveyear")
copyright = "The fiveyear developers"  # noqa: A001  # Sphinx' word
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc"]
exclude_patterns = ["_build", "paper/tables"]
highlight_language = "none"  # of indented lines: commands, with comments
myst_heading_anchors = 3
nb_execution_mode = "off"  # the tests run every cell; `make docs` runs them too, to show what they print
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say what each argument is

html_theme = "pydata_sphinx_theme"
html_title = f"fiveyear {version}"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": False, "show_toc_level": 2, "footer_end": []}


def _write_fields(_app: object, _what: str, _name: str, _of: object, _options: object, lines: list[str]) -> None:
    lines[:] = reference_pages.fields(lines)


def setup(app: Sphinx) -> None:
    """Let Sphinx read the docstrings as this project writes them."""
    app.connect("autodoc-process-docstring", _write_fields)

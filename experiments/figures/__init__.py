"""One file a figure: reads a Dataset, draws, and writes the drawn numbers beside the picture."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style, whatever the reader's own settings of matplotlib are.

    >>> from fiveyear.experiments.figures import house_style
    >>> import matplotlib as mpl
    >>> with house_style():
    ...     mpl.rcParams["pdf.fonttype"]
    42
    """
    import matplotlib as mpl

    sheet = importlib.resources.files(__name__) / "house.mplstyle"
    with mpl.rc_context(), importlib.resources.as_file(sheet) as file:
        mpl.rcdefaults()
        mpl.rc_file(file)
        yield

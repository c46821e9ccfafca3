"""What every figure needs, imported: for the server that workers are forked from."""

import contextlib
import gc
import sys

with contextlib.chdir(sys.prefix):  # matplotlib reads the matplotlibrc of the working folder
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_pdf
    import matplotlib.legend_handler  # noqa: F401

from .style import house_style

with house_style():  # which registers its fonts
    pass
gc.freeze()  # or each worker would look through all of it again and again

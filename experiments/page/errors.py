"""Why a figure cannot be drawn."""

from fiveyear.model.errors import ModelError


class FigureError(ModelError):
    """A figure that would show nothing, or not what it should."""

"""What can be wrong with facts, priors or a posterior."""

from fiveyear.model.errors import ModelError


class CalibrationError(ModelError):
    """Facts, priors or draws that cannot be used: every fault of the file at once."""


class NotFittedError(CalibrationError):
    """A posterior that is not there, or is of something else."""

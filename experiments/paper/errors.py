"""What can be wrong with the text of the paper."""

from fiveyear.model.errors import ModelError


class ArticleError(ModelError):
    """A text that cannot be filled in or set in type: every fault of it at once."""

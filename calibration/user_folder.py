"""Where a user's own posteriors and looks at the record are kept, if the folder of the plan is not the user's."""

from __future__ import annotations

import os
from pathlib import Path


def user_folder() -> Path:
    """Give the folder in the user's cache, which may not be there; raises RuntimeError where nobody has a home."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "fiveyear").absolute()

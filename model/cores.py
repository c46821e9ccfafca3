"""How many processors there are to compute on."""

from __future__ import annotations

import os


def cores() -> int:
    """Give how many processors this process may use, or, where the system does not say that, how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

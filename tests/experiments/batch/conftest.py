"""What the tests of stores and runners share: the stand-in for the computation, importable by name in workers."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent))  # and so on that of the workers


@pytest.fixture(scope="session")
def stand_in() -> Any:
    return importlib.import_module("stand_in")

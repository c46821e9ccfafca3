"""Docstrings that Python's ``-OO`` does not take away: the model, its checks and the help are made of them."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any


def docstring(of: Callable[..., Any] | ModuleType) -> str:
    """Give the docstring of a function, a class or a module; "" if there is none.

    >>> docstring(docstring).splitlines()[0]
    'Give the docstring of a function, a class or a module; "" if there is none.'
    """
    text = inspect.getdoc(of) if of.__doc__ else None
    if text is None and sys.flags.optimize >= 2:  # stripped: it stands in the source alone
        tree = ast.parse(textwrap.dedent(inspect.getsource(of)))
        node = tree if isinstance(of, ModuleType) else tree.body[0]
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            text = ast.get_docstring(node)
    return text or ""

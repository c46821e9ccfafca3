"""Reading formulas that other programs wrote: as trees, in which blanks, case and needless parentheses say nothing."""

from __future__ import annotations

import math
import re
from collections import deque
from dataclasses import dataclass

from .formulas import canonical, unescaped

#: A number, a name, or an operation on trees.
Tree = float | str | tuple[str, tuple["Tree", ...]]

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |"(?P<quoted>(?:[^"\\]|\\.)*)"
    |(?P<word>[^\W\d][\w.$]*)
    |(?P<sign><=|>=|<>|[-+*/^()<>=,])
    )""",
    re.VERBOSE,
)
# What is not closed goes on to the end: a search from every opening sign on would take time by the square of them.
_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*+"?)|\{[^}]*+(\}?)', re.DOTALL)
# From loose to tight (XMILE 1.0, 3.3.1). A sign ahead of a number or name stands between the last two.
_LEVELS = (("or",), ("and",), ("=", "<>"), ("<", "<=", ">", ">="), ("+", "-"), ("*", "/", "mod"))
DEEPEST = 200  # operations within one another; in an exported file there are 11
TOO_DEEP = "too much lies within one another"
SAME = 1e-12  # relative: programs that write numbers with 12 digits have changed nothing


class ExpressionError(ValueError):
    """A text that is no formula."""


@dataclass
class _Reader:
    tokens: deque[tuple[str, str]]

    def peek(self) -> str:
        """Give the sign or word that comes next, in lower case; nothing before a number, a quoted name or the end."""
        kind, text = self.tokens[0] if self.tokens else ("", "")
        return text.casefold() if kind in ("word", "sign") else ""

    def take(self, *wanted: str) -> str:
        if not self.tokens or self.peek() not in wanted:
            token = self.tokens[0][1] if self.tokens else "the end"
            raise ExpressionError(f"found {token}, expected {' or '.join(wanted)}")
        return self.tokens.popleft()[1].casefold()

    def expression(self, level: int = 0) -> Tree:
        if level == len(_LEVELS):
            return self.signed()
        left = self.expression(level + 1)
        while self.peek() in _LEVELS[level]:
            left = (self.take(*_LEVELS[level]), (left, self.expression(level + 1)))
        return left

    def signed(self) -> Tree:
        if self.peek() in ("+", "-", "not"):
            sign = self.take("+", "-", "not")
            inner = self.signed()
            if sign == "-" and isinstance(inner, float):
                return -inner
            return inner if sign == "+" else (sign, (inner,))
        base = self.atom()
        if self.peek() == "^":
            self.take("^")
            return ("^", (base, self.signed()))
        return base

    def atom(self) -> Tree:
        kind, text = self.tokens[0] if self.tokens else ("", "")
        if kind == "number":
            self.tokens.popleft()
            return float(text)
        if kind == "quoted":
            self.tokens.popleft()
            return canonical(unescaped(text))
        if self.peek() == "(":
            return self.arguments()[0]
        if self.peek() == "if":
            parts = []
            for word in ("if", "then", "else"):
                self.take(word)
                parts.append(self.expression())
            return ("if", tuple(parts))
        if kind != "word":
            raise ExpressionError(f"found {text or 'the end'}, expected a number or a name")
        self.tokens.popleft()
        return (text.casefold(), self.arguments()) if self.peek() == "(" else canonical(text)

    def arguments(self) -> tuple[Tree, ...]:
        self.take("(")
        trees = [self.expression()]
        while self.take(",", ")") == ",":
            trees.append(self.expression())
        return tuple(trees)


def read(text: str) -> Tree:
    """Read a formula; raises ExpressionError telling what was found and what was expected.

    >>> read("(a + b) * 2") == read("( A+b )*2.0")
    True
    """
    tokens, place = deque[tuple[str, str]](), 0
    text = _COMMENT.sub(_without_comment, text).rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ExpressionError(f"found {text[place:].strip()[:20]!r}, expected a number, a name or a sign")
        tokens.append((str(match.lastgroup), str(match[str(match.lastgroup)])))
        place = match.end()
    reader = _Reader(tokens)
    try:
        tree = reader.expression()
    except RecursionError:
        raise ExpressionError(TOO_DEEP) from None
    if reader.tokens:
        raise ExpressionError(f"found {reader.tokens[0][1]}, expected the end")
    level: list[Tree] = [tree]
    for _ in range(DEEPEST):
        level = [part for outer in level if isinstance(outer, tuple) for part in outer[1]]
    if level:
        raise ExpressionError(TOO_DEEP)
    return tree


def _without_comment(match: re.Match[str]) -> str:
    """Give a quoted name as it is, and a blank for a comment; raises ExpressionError for one without an end."""
    if match[1]:
        return match[1]
    if not match[2]:
        raise ExpressionError("a comment has no end; expected }")
    return " "


def same(tree: Tree, other: Tree) -> bool:
    """Tell whether two formulas are the same but for digits that rounding may have changed."""
    if isinstance(tree, float) and isinstance(other, float):
        return math.isclose(tree, other, rel_tol=SAME)
    if isinstance(tree, tuple) and isinstance(other, tuple):
        (sign, parts), (other_sign, other_parts) = tree, other
        alike = sign == other_sign and len(parts) == len(other_parts)
        return alike and all(same(a, b) for a, b in zip(parts, other_parts, strict=True))
    return tree == other

"""Reading what posteriors are kept in: netCDF-3, the classic format, without a dimension that grows.

https://docs.unidata.ucar.edu/nug/current/file_format_specifications.html. SciPy's reader gives the same, but all that
comes with it takes longer to import than a scenario to check.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

TYPES = {1: "i1", 2: "S1", 3: ">i2", 4: ">i4", 5: ">f4", 6: ">f8"}  # by their number in a file
WHOLE = ">i4"


class Variable(NamedTuple):
    """A variable: the names of its dimensions, its attributes, and its numbers."""

    dimensions: tuple[str, ...]
    attributes: dict[str, Any]
    numbers: npt.NDArray[Any]


def read(content: bytes) -> tuple[dict[str, Any], dict[str, Variable]]:
    """Give the attributes and the variables of a file; raises ValueError or LookupError for one that is damaged."""
    if content[:3] != b"CDF" or content[3:4] not in (b"\1", b"\2"):
        raise ValueError("it is no file of netCDF-3")
    header = _Header(content)
    dimensions = [(header.text(), header.number()) for _ in range(header.entries())]
    attributes = header.attributes()
    variables = {}
    for _ in range(header.entries()):
        name, axes = header.text(), [dimensions[number] for number in header.numbers(WHOLE, header.number())]
        of_variable, kind, _ = header.attributes(), TYPES[header.number()], header.number()
        begin = header.number(WHOLE if content[3] == 1 else ">i8")
        shape = [length for _, length in axes]
        numbers = np.frombuffer(content, kind, math.prod(shape), begin).reshape(shape)
        variables[name] = Variable(tuple(dimension for dimension, _ in axes), of_variable, numbers)
    return attributes, variables


class _Header:
    """What stands before the numbers of a file, read piece by piece; each begins at a multiple of four bytes."""

    def __init__(self, content: bytes) -> None:
        self._content, self._place = content, 8  # after the name of the format, and how often what grows has grown

    def numbers(self, kind: str, count: int) -> npt.NDArray[Any]:
        numbers = np.frombuffer(self._content, kind, count, self._place)
        self._place += -(-numbers.nbytes // 4) * 4
        return numbers

    def number(self, kind: str = WHOLE) -> int:
        return int(self.numbers(kind, 1)[0])

    def text(self) -> str:
        return self.numbers("S1", self.number()).tobytes().decode()

    def entries(self) -> int:
        """Give how many entries the list has that begins here: after its kind, which follows from its place."""
        return int(self.numbers(WHOLE, 2)[1])

    def attributes(self) -> dict[str, Any]:
        return {self.text(): self._attribute() for _ in range(self.entries())}

    def _attribute(self) -> Any:
        kind = TYPES[self.number()]
        numbers = self.numbers(kind, self.number())
        if kind == "S1":
            return numbers.tobytes().rstrip(b"\0").decode()
        return numbers[0] if len(numbers) == 1 else numbers

"""Writing LLVM's language: arithmetic on values of a function under construction adds its instructions.

https://llvm.org/docs/LangRef.html. Nothing here lets LLVM change the order of operations, or contract two into one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .sections import WIDTH

DOUBLE, WHOLE, TRUTH, BYTE, POINTER = "double", "i64", "i1", "i8", "ptr"
VECTOR, BITS, TRUTHS = (f"<{WIDTH} x {kind}>" for kind in (DOUBLE, WHOLE, TRUTH))
#: What the places of an array of such values are.
ELEMENTS = {VECTOR: DOUBLE}
Number = float | int


class Value:
    """A value of some kind; ``a < b`` and the like are false where either is no number."""

    __slots__ = ("function", "kind", "name")

    def __init__(self, function: Function, kind: str, name: str) -> None:
        self.function, self.kind, self.name = function, kind, name

    def _with(self, op: str, other: Value | Number, kind: str = "") -> Value:
        right = self.function.value(other, self.kind)
        return self.function.new(kind or self.kind, f"{op} {self.kind} {self.name}, {right.name}")

    def _arithmetic(self, op: str, other: Value | Number) -> Value:
        return self._with(f"f{op}" if self.kind in (DOUBLE, VECTOR) else op, other)

    def _compared(self, op: str, other: Value | Number) -> Value:
        if self.kind in (DOUBLE, VECTOR):
            return self._with(
                f"fcmp {'une' if op == 'ne' else 'o' + op}", other, TRUTHS if self.kind == VECTOR else TRUTH
            )
        return self._with(f"icmp {op if op in ('eq', 'ne') else 's' + op}", other, TRUTH)

    def __add__(self, other: Value | Number) -> Value:
        return self._arithmetic("add", other)

    def __sub__(self, other: Value | Number) -> Value:
        return self._arithmetic("sub", other)

    def __rsub__(self, other: Number) -> Value:
        return self.function.value(other, self.kind) - self

    def __mul__(self, other: Value | Number) -> Value:
        return self._arithmetic("mul", other)

    def __truediv__(self, other: Value | Number) -> Value:
        return self._arithmetic("div", other)

    def __neg__(self) -> Value:
        return self.function.new(self.kind, f"fneg {self.kind} {self.name}")

    def __lt__(self, other: Value | Number) -> Value:
        return self._compared("lt", other)

    def __le__(self, other: Value | Number) -> Value:
        return self._compared("le", other)

    def __gt__(self, other: Value | Number) -> Value:
        return self._compared("gt", other)

    def __ge__(self, other: Value | Number) -> Value:
        return self._compared("ge", other)

    def equals(self, other: Value | Number) -> Value:
        return self._compared("eq", other)

    def differs(self, other: Value | Number) -> Value:
        return self._compared("ne", other)

    def __and__(self, other: Value | Number) -> Value:
        return self._with("and", other)

    def __or__(self, other: Value | Number) -> Value:
        return self._with("or", other)

    def __lshift__(self, other: int) -> Value:
        return self._with("shl", other)

    def __rshift__(self, other: int) -> Value:
        return self._with("lshr", other)

    def __invert__(self) -> Value:
        ones = "true" if self.kind == TRUTH else "-1"
        every = ones if self.kind in (TRUTH, WHOLE) else _repeated(TRUTH, "true")
        return self.function.new(self.kind, f"xor {self.kind} {self.name}, {every}")

    def choose(self, yes: Value | Number, no: Value) -> Value:
        """Give the one where this is true, the other where it is not."""
        one = self.function.value(yes, no.kind)
        text = f"select {self.kind} {self.name}, {no.kind} {one.name}, {no.kind} {no.name}"
        return self.function.new(no.kind, text)

    def intrinsic(self, name: str) -> Value:
        """Give LLVM's own function, such as ``sqrt``, of a vector."""
        return self.function.new(VECTOR, f"call {VECTOR} @llvm.{name}.v{WIDTH}f64({VECTOR} {self.name})")

    def as_number(self) -> Value:
        """Give 1 where this is true, 0 where it is not."""
        return self.function.new(VECTOR, f"uitofp {self.kind} {self.name} to {VECTOR}")

    def seen_as(self, kind: str) -> Value:
        """Give the same bits as another kind."""
        return self.function.new(kind, f"bitcast {self.kind} {self.name} to {kind}")


def _repeated(kind: str, constant: str) -> str:
    return f"<{', '.join([f'{kind} {constant}'] * WIDTH)}>"


class Function:
    """A function under construction. ``arguments``: kinds by name."""

    def __init__(
        self, name: str, arguments: Mapping[str, str], linkage: str = "internal ", inline: str = "noinline"
    ) -> None:
        # LLVM halves the registers of AVX-512 on many processors to spare their clock, which costs a third of speed.
        given = ", ".join(f"{kind} {'noalias ' if kind == POINTER else ''}%{n}" for n, kind in arguments.items())
        self.head = f'define {linkage}void @{name}({given}) nounwind {inline} "prefer-vector-width"="{64 * WIDTH}" {{'
        self.arguments = {n: Value(self, kind, f"%{n}") for n, kind in arguments.items()}
        self.lines: list[str] = []
        self.made, self.block = 0, "begin"

    def text(self) -> str:
        return "\n".join((self.head, "begin:", *self.lines, "ret void", "}"))

    def new(self, kind: str, text: str) -> Value:
        """Add an instruction that gives a value."""
        self.made += 1
        self.lines.append(f"%t{self.made} = {text}")
        return Value(self, kind, f"%t{self.made}")

    def value(self, what: Value | Number, kind: str) -> Value:
        """Give a number, or one number for a whole vector, as a value of a kind."""
        if isinstance(what, Value):
            return self.spread(what) if kind == VECTOR and what.kind == DOUBLE else what
        if kind in (DOUBLE, VECTOR):
            constant = f"0x{struct.unpack('<Q', struct.pack('<d', what))[0]:016X}"
        else:
            constant = f"{what}"
        if kind in (VECTOR, BITS):
            constant = _repeated(DOUBLE if kind == VECTOR else WHOLE, constant)
        return Value(self, kind, constant)

    def spread(self, number: Value) -> Value:
        """Give a vector of one number."""
        first = self.new(VECTOR, f"insertelement {VECTOR} poison, {DOUBLE} {number.name}, {WHOLE} 0")
        return self.new(
            VECTOR, f"shufflevector {VECTOR} {first.name}, {VECTOR} poison, <{WIDTH} x i32> zeroinitializer"
        )

    def get(self, kind: str, array: Value, place: Value | int) -> Value:
        """Read from an array, or a vector from a place of it on."""
        where = self.beyond(array, place, kind)
        return self.new(kind, f"load {kind}, {POINTER} {where.name}, align {_alignment(kind)}")

    def put(self, array: Value, place: Value | int, value: Value | Number, kind: str = VECTOR) -> None:
        """Write to an array, or a vector from a place of it on."""
        where, written = self.beyond(array, place, kind), self.value(value, kind)
        self.lines.append(f"store {kind} {written.name}, {POINTER} {where.name}, align {_alignment(kind)}")

    def beyond(self, array: Value, place: Value | int, kind: str = VECTOR) -> Value:
        """Give an array from a place on."""
        element = ELEMENTS.get(kind, kind)
        return self.new(
            POINTER, f"getelementptr inbounds {element}, {POINTER} {array.name}, i64 {self.value(place, WHOLE).name}"
        )

    def call(self, name: str, *given: Value | Number) -> None:
        """Call another function of the module; plain numbers are given as ``double``."""
        values = [self.value(g, DOUBLE) for g in given]
        self.lines.append(f"call void @{name}({', '.join(f'{v.kind} {v.name}' for v in values)})")

    def variable(self) -> Value:
        """Give room for a whole number that changes: an array of one."""
        self.made += 1
        self.lines.insert(0, f"%t{self.made} = alloca {WHOLE}")  # in a loop, each turn would take room of its own
        return Value(self, POINTER, f"%t{self.made}")

    def count(self, variable: Value, more: int) -> None:
        """Add to a variable."""
        self.put(variable, 0, self.get(WHOLE, variable, 0) + more, WHOLE)

    @contextmanager
    def each(self, stop: Value | int, by: int = 1) -> Iterator[Value]:
        """Repeat what is added within, for 0, ``by``, 2 ``by`` .. below ``stop``."""
        self.made += 1
        name, before = f"each{self.made}", self.block
        place = Value(self, WHOLE, f"%{name}.i")
        self._begin(name)
        self.lines.append(f"{place.name} = phi i64 [0, %{before}], [{place.name}.next, %{name}.again]")
        inside = place < stop
        self.lines.append(f"br i1 {inside.name}, label %{name}.body, label %{name}.end")
        self.lines.append(f"{name}.body:")
        self.block = f"{name}.body"
        yield place
        self._begin(f"{name}.again")
        self.lines.append(f"{place.name}.next = add nsw i64 {place.name}, {by}")
        self.lines.append(f"br label %{name}")
        self.lines.append(f"{name}.end:")
        self.block = f"{name}.end"

    @contextmanager
    def when(self, condition: Value) -> Iterator[None]:
        """Do what is added within only where a condition holds."""
        self.made += 1
        name = f"when{self.made}"
        self.lines += [f"br i1 {condition.name}, label %{name}, label %{name}.end", f"{name}:"]
        self.block = name
        yield
        self._begin(f"{name}.end")

    def _begin(self, block: str) -> None:
        self.lines += [f"br label %{block}", f"{block}:"]
        self.block = block


def _alignment(kind: str) -> int:
    return {BYTE: 1}.get(kind, 8)

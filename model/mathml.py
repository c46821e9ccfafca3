"""Formulas in MathML, which browsers show without any help."""

from __future__ import annotations

import html
from collections.abc import Sequence

from .typeset import Box, Call, Cases, Fence, Fraction, Line, Name, Number, Power, Root, Row, Sign, Total, Words


def mathml(formulas: Sequence[Sequence[Line]]) -> str:
    """Give formulas one below the other as one ``math`` element; of each, all lines but the first are set in."""
    rows = [('<mspace width="2em"/>' if i else "") + _row(line) for f in formulas for i, line in enumerate(f)]
    table = "".join(f"<mtr><mtd>{row}</mtd></mtr>" for row in rows)
    return f'<math displaystyle="true"><mtable displaystyle="true">{table}</mtable></math>'


def printed(box: Box) -> str:
    """Give a box in MathML."""
    match box:
        case Name():
            face = ' class="part"' if box.part else ""
            word = f'<mi{face} mathvariant="normal">{_text(box.words)}</mi>'
            return f"<msub>{word}{_index(box.index)}</msub>" if box.index else word
        case Number():
            return f"<mn>{_text(box.digits)}</mn>"
        case Words():
            return f"<mtext>{_text(box.text)}</mtext>".replace(" ", "&#160;")
        case Sign():
            return f'<mo form="{"prefix" if box.ahead else "infix"}">{_text(box.text)}</mo>'
        case Row():
            return _row(box.boxes)
        case Fraction():
            return f"<mfrac>{printed(box.above)}{printed(box.below)}</mfrac>"
        case Power():
            return f"<msup>{printed(box.base)}{printed(box.exponent)}</msup>"
        case Call():
            arguments = "<mo>,</mo>".join(printed(a) for a in box.arguments)
            return f"<mrow><mi>{_text(box.function)}</mi>{_fence('(')}{arguments}{_fence(')')}</mrow>"
        case Fence():
            return f"<mrow>{_fence(box.left)}{printed(box.inner)}{_fence(box.right)}</mrow>"
        case Root():
            return f"<msqrt>{printed(box.inner)}</msqrt>"
        case Cases():
            yes = f"<mtr><mtd>{printed(box.yes)}</mtd><mtd><mtext>if&#160;</mtext>{printed(box.condition)}</mtd></mtr>"
            no = f"<mtr><mtd>{printed(box.no)}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr>"
            return f'<mrow>{_fence("{")}<mtable class="cases">{yes}{no}</mtable></mrow>'
        case Total():
            return f"<mrow><munder><mo>∑</mo><mi>{_text(box.index)}</mi></munder>{printed(box.inner)}</mrow>"


def _index(index: str) -> str:
    letter, minus, number = index.partition("-")
    return f"<mrow><mi>{letter}</mi><mo>−</mo><mn>{number}</mn></mrow>" if minus else f"<mi>{_text(index)}</mi>"


def _row(boxes: Sequence[Box]) -> str:
    return f"<mrow>{''.join(printed(box) for box in boxes)}</mrow>"


def _fence(sign: str) -> str:
    return f'<mo fence="true" stretchy="true" lspace="0" rspace="0">{sign}</mo>'


def _text(text: str) -> str:
    return html.escape(text)

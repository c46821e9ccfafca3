"""Files that somebody made to hang, crash or deceive: each is refused, or said to differ, at once."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

import pytest

from fiveyear.model import InputError
from fiveyear.model.xmile import expressions
from fiveyear.model.xmile.comparison import differences
from fiveyear.model.xmile.reading import LONGEST, parse
from fiveyear.model.xmile.variables import Variable

FileOf = Callable[..., bytes]
SOON = 2.0  # seconds; a machine that is busy needs some tenths

EQUATION = "<eqn>people * births_per_head</eqn>"
UNITS = "<units>person</units>"
DEEP = 20_000
#: What stands in a file, what is put there, and what is said of it.
REFUSED = {
    "units of 3,000 factors": (UNITS, f"<units>{'*'.join(['person'] * 3000)}</units>", "<units> has 20,999 signs"),
    "80,000 braces": (EQUATION, f"<eqn>{'{' * 80_000}</eqn>", "<eqn> has 80,000 signs; expected 5,000 at most"),
    "a sum of 50,000": (EQUATION, f"<eqn>{'+'.join(['1'] * 50_000)}</eqn>", "<eqn> has 99,999 signs"),
    "a number of a million digits": (EQUATION, f"<eqn>{'9' * 10**6}</eqn>", "<eqn> has 1,000,000 signs"),
    "elements within one another": (EQUATION, "<a>" * DEEP + "</a>" * DEEP, "more than 50 elements within one another"),
    "more elements than a model has": (EQUATION, "<a/>" * 200_000, "has more than 100,000 elements"),
    "a function of 100,000 points": (
        EQUATION,
        f"{EQUATION}<gf><xpts>{'1,' * 10**5}1</xpts><ypts>{'1,' * 10**5}1</ypts></gf>",
        "births: its graphical function has 100,001 points",
    ),
    "a declared entity": (EQUATION, "<eqn>&lol;</eqn>", "is no XML: undefined entity"),
    "a thousand faults": (EQUATION, "</flow>" + '<aux name="a"/>' * 1000 + '<flow name="births">', "has 21 faults"),
}
#: What is put in the place of an equation or a unit, and only differs.
DIFFERENT = {
    "brackets within one another": "(" * 2000 + "1" + ")" * 2000,
    "signs one after the other": "-" * 4000 + "1",
    "powers of powers": "^".join(["2"] * 2000),
    "a sum of 2,000": "+".join(["1"] * 2000),
    "functions within one another": "ABS(" * 900 + "1" + ")" * 900,
    "choices within one another": "IF 1 THEN 2 ELSE " * 250 + "3",
    "braces that open": "{" * LONGEST,
    "quotes that open": '"' * (LONGEST - 1),
    "quotes that do not close": '"' + '\\"' * 2000,
    "a number without end": "9" * LONGEST,
    "an exponent without end": "1e" + "9" * 4000,
    "a power without end": "person^" + "9" * 4000,
    "a power that is none": "person^1e999 * person^1e999 / person^1e999",
    "what turns the text round": "\u202epeople\u2066",
    "nothing": "",
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_no_model_is_refused_at_once(
    scalars: Mapping[str, Variable], file_of: FileOf, what: str
) -> None:
    here, put, message = REFUSED[what]
    text = file_of(scalars).decode()
    assert here in text
    begun = time.process_time()
    with pytest.raises(InputError, match=r"^f\.stmx has ") as refused:
        parse(text.replace(here, put, 1).encode(), "f.stmx")
    assert message in str(refused.value)
    assert time.process_time() - begun < SOON


@pytest.mark.parametrize("what", DIFFERENT)
@pytest.mark.parametrize("here", [EQUATION, UNITS])
def test_an_equation_or_unit_that_nobody_can_read_only_differs_and_at_once(
    scalars: Mapping[str, Variable], file_of: FileOf, what: str, here: str
) -> None:
    text = file_of(scalars).decode()
    tag = here[1 : here.index(">")]
    changed = text.replace(here, f"<{tag}>{DIFFERENT[what].replace('<', '&lt;')}</{tag}>", 1)
    begun = time.process_time()
    told = differences(parse(text.encode(), "code"), parse(changed.encode(), "file"))
    assert time.process_time() - begun < SOON
    assert [d.what for d in told] == ["equation" if here == EQUATION else "units"]
    for part in vars(told[0]).values():
        assert part.isprintable() and len(part) <= 1000


@pytest.mark.parametrize("comment", ["{a remark}", '{one in "quotes"}', "{one\nin two lines}"])
def test_a_comment_changes_nothing_and_one_in_a_name_is_none(comment: str) -> None:
    assert expressions.read(f"a + {comment} b") == expressions.read("a + b")
    assert expressions.read(f'a + "{{b}}" {comment}') != expressions.read('a + "b"')
    with pytest.raises(expressions.ExpressionError, match="a comment has no end"):
        expressions.read(f"a + b {comment} {{")


@pytest.mark.slow
def test_files_changed_at_random_are_read_refused_or_said_to_differ(
    scalars: Mapping[str, Variable], file_of: FileOf
) -> None:
    source = random.Random(20111128)
    whole = file_of(scalars).decode()
    code = parse(whole.encode(), "code")
    pieces = [*DIFFERENT.values(), "<", ">", "&", '"', "</", "<![CDATA[", "]]>", "<!--", "<?x", "\0", "\x1b", "\u2028"]
    refused: list[str] = []
    for _ in range(2000):
        text = whole
        for _ in range(source.randint(1, 3)):
            start = source.randrange(len(text))
            stop = start + source.choice((0, 0, 1, 5, 200))
            text = text[:start] + source.choice((source.choice(pieces), text[start:stop] * 2, "")) + text[stop:]
        begun = time.process_time()
        try:
            differences(code, parse(text.encode(), "f.stmx"))
        except InputError as error:
            refused.append(str(error))
        assert time.process_time() - begun < SOON, text
    assert 500 < len(refused) < 2000
    assert all(line.isprintable() for text in refused for line in text.split("\n"))

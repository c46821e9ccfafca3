"""What is printed, whatever files hold: nothing that steers a terminal or turns the direction of writing gets there."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast


@contextlib.contextmanager
def escaped() -> Iterator[None]:
    """Let all that is printed on standard output and standard error meanwhile go through ``visible``."""
    out, err = (cast(TextIO, _Escaping(stream)) for stream in (sys.stdout, sys.stderr))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield


def visible(text: str, encoding: str = "utf-8") -> str:
    r"""Give a text with escapes for what ``printable`` does not let pass, line by line, or the encoding lacks.

    The escapes are those of JSON, so that an object printed this way is the same object.

    >>> print(visible("one" + chr(27) + "[2J\ntwo"), visible("R&D 研发", "ascii"))
    one\u001b[2J
    two R&D \u7814\u53d1
    """
    if not text.replace("\n", "").isprintable():
        from fiveyear.model.errors import printable  # it takes a moment, and is seldom needed

        text = "\n".join(map(printable, text.split("\n")))
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        from fiveyear.model.errors import escape

        text = "".join(sign if sign.encode(encoding, "ignore") else escape(sign) for sign in text)
    return text


class _Escaping:
    """A stream on which only what is visible gets through. It has no ``buffer``, by which others would go round it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(visible(text, self._stream.encoding or "utf-8"))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if name in ("buffer", "detach", "_stream"):
            raise AttributeError(name)
        return getattr(self._stream, name)


def unescaped(stream: TextIO) -> TextIO:
    """Give the stream below, for what steers a terminal by itself and makes texts ``visible`` first."""
    return stream._stream if isinstance(stream, _Escaping) else stream

"""The same content in TOML as authors write it, one way or another, and what is damaged as text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from .valid_files import Content


def toml(content: Content, inline: bool = False, quoted: bool = False, text: Callable[[str], str] | None = None) -> str:
    """Write content in TOML, its tables under headings or ``inline``; ``text`` says how texts are written."""
    text = text or _basic

    def name(key: str) -> str:
        return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) and not quoted else _basic(key)

    def value(found: Any) -> str:
        if isinstance(found, dict):
            return "{" + ", ".join(f"{name(k)} = {value(v)}" for k, v in found.items()) + "}"
        if isinstance(found, list):
            return "[" + ", ".join(map(value, found)) + "]"
        if isinstance(found, str):
            return text(found)
        return (
            str(found).lower()
            if isinstance(found, bool)
            else found.isoformat()
            if isinstance(found, date)
            else repr(found)
        )

    lines, tables = [], []
    for key, found in content.items():
        if isinstance(found, dict) and not inline and all(isinstance(inner, dict) for inner in found.values()):
            tables.append(f"[{name(key)}]")
            for inner_key, inner in found.items():
                tables += [f"[{name(key)}.{name(inner_key)}]", *(f"{name(k)} = {value(v)}" for k, v in inner.items())]
        elif isinstance(found, dict) and not inline:
            tables += [f"[{name(key)}]", *(f"{name(k)} = {value(v)}" for k, v in found.items())]
        else:
            lines.append(f"{name(key)} = {value(found)}")
    return "\n".join([*lines, *tables]) + "\n"


def _basic(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _escaped(text: str) -> str:
    return '"' + "".join(f"\\U{ord(sign):08x}" for sign in text) + '"'


def _literal(text: str) -> str:
    return f"'{text}'" if "'" not in text and text.isprintable() else _basic(text)


def _long(text: str) -> str:
    return '"""\n' + _basic(text)[1:-1] + '"""'


def _commented(content: Content) -> str:
    return "# first\n\n" + "".join(f"  {line}  # of this line = [\n\n" for line in toml(content).splitlines())


#: Ways to write the same.
WRITTEN: dict[str, Callable[[Content], bytes]] = {
    "a byte order mark": lambda c: b"\xef\xbb\xbf" + toml(c).encode(),
    "line ends of Windows": lambda c: toml(c).replace("\n", "\r\n").encode(),
    "no line end at the end": lambda c: toml(c).rstrip("\n").encode(),
    "comments, blanks and empty lines": lambda c: _commented(c).encode(),
    "tables on one line": lambda c: toml(c, inline=True).encode(),
    "keys in quotes": lambda c: toml(c, quoted=True).encode(),
    "texts in escapes": lambda c: toml(c, text=_escaped).encode(),
    "texts in single quotes": lambda c: toml(c, text=_literal).encode(),
    "texts in three quotes": lambda c: toml(c, text=_long).encode(),
}

#: What no TOML file is; it has no key to name.
DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "an empty file": lambda _: b"",
    "blanks alone": lambda _: b" \n\t\n",
    "a control character": lambda t: t[: len(t) // 2] + b"\x01" + t[len(t) // 2 :],
    "a NUL at the end": lambda t: t + b"\0",
    "a byte that is no UTF-8": lambda t: t[: len(t) // 3] + b"\xff" + t[len(t) // 3 :],
    "UTF-16": lambda t: t.decode().encode("utf-16"),
    "a text without its end": lambda t: t + b'[x]\ny = "z',
    "a table without its end": lambda t: t + b"[x\n",
    "a key without a value": lambda t: t + b"x =\n",
    "marks of a merge": lambda t: b"<<<<<<< mine\n" + t + b">>>>>>> theirs\n",
    "a key twice": lambda t: t.split(b"\n")[0] + b"\n" + t,
    "a table twice": lambda t: t + b"[x]\n[x]\n",
    "too many bytes": lambda t: t + b"#" * 2**22,
    "lists in lists": lambda t: b"x = " + b"[" * 5000 + b"]" * 5000 + b"\n" + t,
    "a key of very many": lambda t: b"x" + b".x" * 60_000 + b" = 1\n" + t,
    "a number of very many digits": lambda t: b"x = " + b"9" * 5000 + b"\n" + t,
    "JSON": lambda _: b'{"title": "x"}',
    "a web page": lambda _: b"<!DOCTYPE html>\n<html></html>",
}

"""Slips of the pen and of the disk in a text: nobody knows beforehand what each comes to."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Slip = Callable[[bytes, Random], bytes]


def _at(data: bytes, random: Random) -> int:
    return random.randrange(max(len(data), 1))


def _bit(data: bytes, random: Random) -> bytes:
    place = _at(data, random)
    return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]


def _lines(data: bytes, random: Random, change: Callable[[list[bytes], int], None]) -> bytes:
    lines = data.splitlines(keepends=True)
    change(lines, random.randrange(len(lines)))
    return b"".join(lines)


def _swap(lines: list[bytes], place: int) -> None:
    lines[place - 1], lines[place] = lines[place], lines[place - 1]


def _one(pattern: bytes, other: Callable[[bytes], bytes]) -> Slip:
    """Give the slip that writes one of the places that match in another way."""

    def slip(data: bytes, random: Random) -> bytes:
        found = list(re.finditer(pattern, data))
        if not found:
            return data + b"\n?"
        match = random.choice(found)
        return data[: match.start()] + other(match[0]) + data[match.end() :]

    return slip


def _full_width(text: bytes) -> bytes:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in text.decode()).encode()


def _swapped(text: bytes) -> bytes:
    return text[:1] + text[2:3] + text[1:2] + text[3:]


SLIPS: dict[str, Slip] = {
    "a flipped bit": _bit,
    "cut off": lambda data, random: data[: _at(data, random)],
    "a byte lost": lambda data, random: data[: (place := _at(data, random))] + data[place + 1 :],
    "a byte too many": lambda data, random: data[: (p := _at(data, random))] + random.randbytes(1) + data[p:],
    "a control character": lambda data, random: (
        data[: (p := _at(data, random))] + random.choice([b"\0", b"\x1b", b"\x07", b"\x7f"]) + data[p:]
    ),
    "a sign that turns the writing": lambda data, random: (
        data[: (p := _at(data, random))] + "\u202e".encode() + data[p:]
    ),
    "a line lost": lambda data, random: _lines(data, random, lambda lines, place: lines.__delitem__(place)),
    "a line twice": lambda data, random: _lines(data, random, lambda lines, place: lines.insert(place, lines[place])),
    "two lines swapped": lambda data, random: _lines(data, random, _swap),
    "an empty line": lambda data, random: _lines(data, random, lambda lines, place: lines.insert(place, b"\n")),
    "a blank more": _one(rb" ", lambda _: b"  "),
    "a quote lost": _one(rb'["\']', lambda _: b""),
    "a comma for the point": _one(rb"(?<=\d)\.(?=\d)", lambda _: b","),
    "letters swapped": _one(rb"[a-z]{4,}", _swapped),
    "a letter lost": _one(rb"[a-z]{4,}", lambda word: word[:2] + word[3:]),
    "a capital letter": _one(rb"[a-z]{4,}", lambda word: word.capitalize()),
    "digits swapped": _one(rb"\d{3,}", _swapped),
    "another digit": _one(rb"\d", lambda digit: b"%d" % ((int(digit) + 1) % 10)),
    "full-width digits": _one(rb"\d+", _full_width),
    "an underscore in a number": _one(rb"\d{2,}", lambda number: number[:1] + b"_" + number[1:]),
    "a minus": _one(rb"\d+", lambda number: b"-" + number),
    "O for 0": _one(rb"0", lambda _: b"O"),
    "Chinese quotes": _one(rb'"', lambda _: "“".encode()),
    "a Chinese comma": _one(rb",", lambda _: "，".encode()),
    "a Chinese colon": _one(rb"=|:", lambda _: "：".encode()),
    "a long number": _one(rb"\d+", lambda number: number * 400),
    "an exponent": _one(rb"\d+(\.\d+)?", lambda number: number + b"e9"),
}

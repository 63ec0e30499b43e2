"""streampeer inspect: bytes to text and JSON, JSON to bytes, and malformed input."""

import base64
import fcntl
import json
import os
import random
import re
import struct
import termios
import time

import pytest
from conftest import ROOT, TOOL, run, wait_until

FIXTURES = os.path.join(ROOT, "Tests", "StreamPeerSocketTests", "Fixtures")
with open(os.path.join(FIXTURES, "godot-4.6-wire.jsonl"), encoding="utf-8") as vectors:
    ROWS = [row for row in map(json.loads, vectors) if row["group"] == "put_var"]
FRAMES = [bytes.fromhex(row["hex"]) for row in ROWS]
VALUES = [frame[4:] for frame in FRAMES]

ARRAY, DICTIONARY, OBJECT, STRING = 28, 27, 24, 4
WIDE = 1 << 16


def u32(*numbers):
    return struct.pack(f"<{len(numbers)}I", *(number & 0xFFFFFFFF for number in numbers))


def padded(data, padding=b"\0"):
    return data + padding * (-len(data) % 4)


def text(string, padding=b"\0"):
    data = string.encode()
    return u32(len(data)) + padded(data, padding)


def frame(value, order="<"):
    return struct.pack(order + "I", len(value)) + value


def inspect(*arguments, data=b""):
    return run(TOOL, "inspect", *arguments, data=data)


def printed(*arguments, data=b""):
    """The output for valid input."""
    status, out, err = inspect(*arguments, data=data)
    assert (status, err) == (0, "")
    return out


def encoded(source, *arguments):
    data = source if isinstance(source, bytes) else source.encode()
    return printed("--encode", *arguments, data=data)


# ---- Godot's own bytes


def test_each_vector_comes_back_from_json_byte_for_byte():
    capture = b"".join(FRAMES)
    lines = printed("--framed", "--json", data=capture)
    assert lines.count(b"\n") == len(FRAMES)
    for line in lines.splitlines():
        json.loads(line)
    assert encoded(lines, "--framed") == capture
    assert b"raw" not in lines and b"wide" not in lines  # Godot would write the same


def test_values_follow_each_other_without_lengths():
    values = b"".join(VALUES)
    assert printed("--json", data=values) == printed("--framed", "--json", data=b"".join(FRAMES))
    assert encoded(printed("--json", data=values)) == values


def test_lengths_may_be_big_endian():
    capture = b"".join(frame(value, ">") for value in VALUES)
    lines = printed("--framed", "--big-endian", "--json", data=capture)
    assert lines == printed("--json", data=b"".join(VALUES))
    assert encoded(lines, "--framed", "--big-endian") == capture


def test_text_equals_var_to_str():
    is_plain = [
        row["variant_type"] not in (ARRAY, DICTIONARY) and row["name"] not in (
            "transform2d", "object_null", "string_embedded_newline")
        for row in ROWS
    ]
    values = [value for value, plain in zip(VALUES, is_plain) if plain]
    expected = [row["value"] for row, plain in zip(ROWS, is_plain) if plain]
    assert len(expected) > 50
    assert printed(data=b"".join(values)).decode().splitlines() == expected


# ---- Text

CAPTURE = (
    '{"hp":100,"name":"Bob\\n\\u001b[31m\\u202e","at":{"$type":"Vector3","value":[1,-2.5,0.1]},'
    '"bag":[1,2.0,[],{}],"typed":{"$type":"Array","of":"int","value":[7]}}\n'
    '{"$type":"Dictionary","keys":"String","values":{"script":"res://a.gd"},"value":{}}\n'
    '{"$type":"Object","class":"Node","properties":{"name":{"$type":"StringName","value":"n"}}}\n'
    '{"$type":"Dictionary","value":[[[1],{"$type":"int","value":5,"wide":true}]]}\n'
    '[{"$type":"bool","raw":"0100000002000000","value":true},'
    '{"$type":"float","value":"nan:0x7fc00001","wide":false},'
    '{"$type":"float","value":0.5,"wide":true},'
    '{"$type":"Vector2","value":[1,"-inf"],"wide":true}]\n'
    '[{"$type":"RID","value":18446744073709551615},{"$type":"Object","id":7},'
    '{"$type":"Signal","name":"hit","id":9},{"$type":"Array","of":{"class":"x y"},"value":[]},'
    '-0.0,{"$type":"Object","class":"Empty","properties":{}}]\n'
)
CAPTURE_TEXT = r"""{
  "hp": 100,
  "name": "Bob\n\u001b[31m\u202e",
  "at": Vector3(1, -2.5, 0.1),
  "bag": [
    1,
    2.0,
    [],
    {}
  ],
  "typed": Array[int]([
    7
  ])
}
Dictionary[String, Resource("res://a.gd")]({})
Object(Node,
  "name": &"n"
)
{
  [
    1
  ]: 5  # 64 bits
}
[
  true,  # as 0100000002000000
  nan,  # 32 bits; 0x7fc00001
  0.5,  # 64 bits
  Vector2(1, inf_neg)  # 64 bits
]
[
  RID(18446744073709551615),
  EncodedObjectAsID(7),
  Signal("hit", 9),
  Array["x y"]([]),
  -0.0,
  Object(Empty)
]
"""


def test_a_capture_as_text():
    capture = encoded(CAPTURE)
    assert printed(data=capture).decode() == CAPTURE_TEXT
    assert printed("--json", data=capture).decode() == CAPTURE


def test_offsets_and_sizes():
    capture = encoded('[1,{"a":"b"},[]]\n"x"', "--framed")
    assert printed("--framed", "--offsets", data=capture).decode() == (
        "# value 1: 56 bytes\n"
        "00000004  [\n"
        "0000000c    1,\n"
        "00000014    {\n"
        '0000001c      "a": "b"\n'
        "00000034    },\n"
        "00000034    []\n"
        "0000003c  ]\n"
        "# value 2: 12 bytes\n"
        '00000040  "x"\n'
    )


def test_a_file_and_stdin_are_the_same(tmp_path):
    capture = tmp_path / "capture"
    capture.write_bytes(VALUES[1])
    assert printed(capture) == printed("-", data=VALUES[1]) == printed(data=VALUES[1]) == b"true\n"
    assert printed(data=b"") == b""


# ---- Unusual values that still round-trip

NAN = "nan:0x7ff8000000000001"
UNUSUAL = [
    (u32(2 | WIDE, 5, 0), '{"$type":"int","value":5,"wide":true}'),
    (u32(2 | WIDE, -5, -1), '{"$type":"int","value":-5,"wide":true}'),
    (u32(2 | WIDE, 1, 1 << 21), str((1 << 53) + 1)),
    (struct.pack("<Id", 3 | WIDE, 0.5), '{"$type":"float","value":0.5,"wide":true}'),
    (struct.pack("<Id", 3 | WIDE, float("inf")), '{"$type":"float","value":"inf","wide":true}'),
    (struct.pack("<If", 3, float("-inf")), '{"$type":"float","value":"-inf"}'),
    (struct.pack("<If", 3, -0.0), "-0.0"),
    (struct.pack("<Id", 3 | WIDE, -0.0), '{"$type":"float","value":-0.0,"wide":true}'),
    (struct.pack("<Id", 3 | WIDE, 5e-324), "5e-324"),
    (struct.pack("<If", 3, 0.1), "0.10000000149011612"),
    (struct.pack("<IQ", 3 | WIDE, 0x7FF8000000000000), '{"$type":"float","value":"nan"}'),
    (struct.pack("<IQ", 3 | WIDE, 0x7FF8000000000001), f'{{"$type":"float","value":"{NAN}"}}'),
    (u32(3, 0x7FC00000), '{"$type":"float","value":"nan","wide":false}'),
    (u32(3, 0xFFC00123), '{"$type":"float","value":"nan:0xffc00123","wide":false}'),
    # Godot, and every processor, turns a signaling NaN into a quiet one.
    (u32(3, 0x7F800001),
     '{"$type":"float","raw":"030000000100807f","value":"nan:0x7fc00001","wide":false}'),
    (u32(5, 0x7F800001, 0x80000000), '{"$type":"Vector2","value":["nan:0x7f800001",-0.0]}'),
    (struct.pack("<I2d", 5 | WIDE, 0.1, 1), '{"$type":"Vector2","value":[0.1,1],"wide":true}'),
    (struct.pack("<II2d", 35 | WIDE, 1, 0.1, 1),
     '{"$type":"PackedVector2Array","value":[[0.1,1]],"wide":true}'),
    (u32(35 | WIDE, 0), '{"$type":"PackedVector2Array","value":[],"wide":true}'),
    (u32(STRING) + text("\0\x1b\x7f\u0085\"\\/\u2028"),
     '"\\u0000\\u001b\\u007f\\u0085\\"\\\\/\\u2028"'),
    (u32(STRING) + text("a", b"\xff"),
     '{"$type":"String","raw":"040000000100000061ffffff","value":"a"}'),
    (u32(21) + text(""), '{"$type":"StringName","value":""}'),
    (u32(STRING | WIDE) + text("a"),
     '{"$type":"String","raw":"040001000100000061000000","value":"a"}'),
    (u32(1, 2), '{"$type":"bool","raw":"0100000002000000","value":true}'),
    (u32(0x100), '{"$type":"Nil","raw":"00010000"}'),
    (u32(OBJECT) + text(""), '{"$type":"Nil","raw":"1800000000000000"}'),
    (u32(OBJECT | WIDE, 1, 2), '{"$type":"Object","id":8589934593}'),
    (u32(23, -1, -1), '{"$type":"RID","value":18446744073709551615}'),
    (u32(26) + text("hit") + u32(0, 1 << 31),
     '{"$type":"Signal","name":"hit","id":9223372036854775808}'),
    (u32(22, 0x80000001, 1, 1) + text("a") + text("b"), '{"$type":"NodePath","value":"/a:b"}'),
    (u32(22, 0x80000001, 0, 0) + text("a/b"),
     '{"$type":"NodePath","names":["a/b"],"subnames":[],"absolute":false}'),
    (u32(22, 0x80000002, 1, 1) + text("") + text("a") + text(""),
     '{"$type":"NodePath","names":["","a"],"subnames":[""],"absolute":true}'),
    # The format of Godot 2.1: one subname more than the count says.
    (u32(22, 0x80000000, 0, 2) + text("x"),
     '{"$type":"NodePath","raw":"1600000000000080000000000200000001000000780000'
     '00","value":":x"}'),
    (u32(34, 1) + text("a"),
     '{"$type":"PackedStringArray","raw":"22000000010000000100000061000000","value":["a"]}'),
    (u32(34, 1) + text("a\0\0"), '{"$type":"PackedStringArray","value":["a\\u0000"]}'),
    (u32(34, 1) + text("\0", b"\1"),
     '{"$type":"PackedStringArray","raw":"220000000100000001000000000101'
     '01","value":[""]}'),
    (u32(ARRAY, 0x80000001, 0), '{"$type":"Array","raw":"1c00000001000080","value":[null]}'),
    (u32(ARRAY | 2 << 16) + text("N", b"\1") + u32(0),
     '{"$type":"Array","raw":"1c000200010000004e01010100000000","of":{"class":"N"},"value":[]}'),
    (u32(ARRAY | 1 << 16, 0, 0), '{"$type":"Array","of":"Nil","value":[]}'),
    (u32(ARRAY | 3 << 16) + text("res://x.gd") + u32(0),
     '{"$type":"Array","of":{"script":"res://x.gd"},"value":[]}'),
    (u32(DICTIONARY, 1, STRING) + text("$type") + u32(0),
     '{"$type":"Dictionary","value":{"$type":null}}'),
    (u32(DICTIONARY, 2) + 2 * (u32(STRING) + text("a") + u32(0)),
     '{"$type":"Dictionary","value":[["a",null],["a",null]]}'),
    # Equal in Swift and Unicode, but different bytes.
    (u32(DICTIONARY, 2, STRING) + text("é") + u32(0, STRING) + text("e\u0301") + u32(0),
     '{"é":null,"e\u0301":null}'),
    (u32(DICTIONARY, 2, 3, 0x7FC00000, 0, 3, 0x7FC00000, 0),
     '{"$type":"Dictionary","value":[[{"$type":"float","value":"nan","wide":false},null],'
     '[{"$type":"float","value":"nan","wide":false},null]]}'),
    (u32(DICTIONARY, 1, STRING) + text("a", b"\1") + u32(0),
     '{"$type":"Dictionary","value":[[{"$type":"String","raw":"040000000100000061010101",'
     '"value":"a"},null]]}'),
    (u32(DICTIONARY, 0x80000001, 2, 1, 0),
     '{"$type":"Dictionary","raw":"1b00000001000080","value":[[1,null]]}'),
    (u32(DICTIONARY, 1, ARRAY, 0, DICTIONARY, 0), '{"$type":"Dictionary","value":[[[],{}]]}'),
    (u32(OBJECT) + text("N") + u32(2) + text("a") + u32(0) + text("a") + u32(0),
     '{"$type":"Object","class":"N","properties":[["a",null],["a",null]]}'),
    (u32(OBJECT) + text("N") + u32(1) + text("a", b"\1") + u32(0),
     '{"$type":"Object","class":"N","properties":[[{"$type":"String","raw":"0100000061010101",'
     '"value":"a"},null]]}'),
    (u32(OBJECT) + text("N", b"\1") + u32(1 << 31 | 1) + text("a") + u32(0),
     '{"$type":"Object","raw":"18000000010000004e01010101000080","class":"N",'
     '"properties":{"a":null}}'),
    (u32(29, 1) + b"a\1\1\1",
     '{"$type":"PackedByteArray","raw":"1d0000000100000061010101","value":"61"}'),
    (u32(31, 2, -1, -1, 0, 1 << 31),
     '{"$type":"PackedInt64Array","value":[-1,-9223372036854775808]}'),
]


@pytest.mark.parametrize("value, line", UNUSUAL, ids=range(len(UNUSUAL)))
def test_an_unusual_value_comes_back_as_it_was(value, line):
    lines = printed("--json", data=value).decode()
    assert lines == line + "\n"
    json.loads(line)
    assert encoded(lines) == value


# ---- Random values


class Maker:
    """Makes values of every type from a seed, as Godot writes them and in every other form that it
    reads."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def often(self, chance):
        return self.random.random() < chance

    def text(self):
        alphabet = "ab/:\\\"\0\n\x7f\u0085é\u0301日👾$ "
        characters = self.random.choices(alphabet, k=self.random.choice((0, 1, 3, 9)))
        padding = b"\xa5" if self.often(0.05) else b"\0"
        return text("".join(characters), padding)

    def reals(self, count, wide):
        size = 8 if wide else 4
        whole = struct.pack(f"<{'d' if wide else 'f'}", self.random.choice((0.5, -3, 1e20, -0.0)))
        return b"".join(
            self.random.randbytes(size) if self.often(0.7) else whole for _ in range(count))

    def header(self, type):
        unused = self.random.choice((0x100, 1 << 24, 1 << 31)) if self.often(0.03) else 0
        return type | unused

    def element(self, kind):
        if kind == 1:
            return u32(self.random.randrange(39))
        return self.text() if kind else b""

    def count(self, number):
        return u32(number | (1 << 31 if self.often(0.03) else 0))

    def value(self, depth):
        type = self.random.choice((27, 28, 24)) if depth and self.often(0.5) else None
        return self.of_type(self.random.randrange(39) if type is None else type, depth)

    def of_type(self, type, depth):
        components = {5: 2, 7: 4, 9: 3, 11: 6, 12: 4, 14: 4, 15: 4, 16: 6, 17: 9, 18: 12, 19: 16}
        packed_components = {35: 2, 36: 3, 38: 4}
        wide = self.often(0.4)
        flag = WIDE if wide else 0
        many = self.random.choice((0, 1, 2, 5))
        header = self.header(type)
        if type in (0, 25):
            return u32(header)
        if type == 1:
            return u32(header, self.random.choice((0, 1, 1, 2)))
        if type == 2:
            number = self.random.randbytes(8 if wide else 4)
            return u32(header | flag) + (number if self.often(0.7) else bytes(len(number)))
        if type == 3:
            return u32(header | flag) + self.reals(1, wide)
        if type in (4, 21):
            return u32(header) + self.text()
        if type in components:
            return u32(header | flag) + self.reals(components[type], wide)
        if type in (6, 8, 10, 13, 20):
            return u32(header) + self.random.randbytes(4 * {6: 2, 10: 3}.get(type, 4))
        if type == 22:
            names, subnames = self.random.randrange(3), self.random.randrange(3)
            flags = self.random.choice((0, 1, 1, 3, 5))
            texts = [self.text() for _ in range(names + subnames + (flags >> 1 & 1))]
            return u32(header, 1 << 31 | names, subnames, flags) + b"".join(texts)
        if type == 23:
            return u32(header) + self.random.randbytes(8)
        if type == 24:
            return self.object(header, depth)
        if type == 26:
            return u32(header) + self.text() + self.random.randbytes(8)
        if type in (27, 28):
            return self.container(type, header, depth)
        if type == 34:
            nuls = [self.text() for _ in range(many)]
            return u32(header) + self.count(many) + b"".join(nuls)
        if type in packed_components:
            reals = self.reals(packed_components[type] * many, wide)
            return u32(header | flag) + self.count(many) + reals
        size = {29: 1, 31: 8, 33: 8, 37: 16}.get(type, 4)
        padding = b"\xa5" if self.often(0.1) else b"\0"
        return u32(header) + self.count(many) + padded(self.random.randbytes(size * many), padding)

    def object(self, header, depth):
        if self.often(0.3):
            return u32(header | WIDE) + self.random.randbytes(8)
        if self.often(0.1):
            return u32(header) + text("")
        many = self.random.randrange(4) if depth else 0
        properties = [self.text() + self.value(depth - 1) for _ in range(many)]
        return u32(header) + text("Node") + self.count(many) + b"".join(properties)

    def container(self, type, header, depth):
        key, value = (self.random.choice((0, 0, 1, 2, 3)) for _ in range(2))
        many = self.random.randrange(4) if depth else 0
        is_dictionary = type == DICTIONARY
        flags = (key | value << 2 if is_dictionary else value) << 16
        elements = []
        for _ in range(many):
            if is_dictionary:
                key_is_text = self.often(0.7)
                elements.append(self.of_type(STRING, 0) if key_is_text else self.value(depth - 1))
            elements.append(self.value(depth - 1))
        types = (self.element(key) if is_dictionary else b"") + self.element(value)
        return u32(header | flags) + types + self.count(many) + b"".join(elements)


@pytest.mark.parametrize("seed", range(3))
def test_random_values_come_back_as_they_were(seed):
    maker = Maker(seed)
    values = [maker.value(6) for _ in range(1000)]
    capture = b"".join(map(frame, values))
    lines = printed("--framed", "--json", data=capture)
    found = {int(type) for value in values for type in value[:1]}
    assert found == set(range(39))
    back = encoded(lines, "--framed")
    for value, line in zip(values, lines.splitlines()):
        json.loads(line)
        assert back.startswith(frame(value)), line
        back = back[4 + len(value):]
    assert back == b""
    printed("--framed", data=capture)


def test_the_documented_forms_are_those_that_are_printed():
    with open(os.path.join(ROOT, "docs", "inspect.md"), encoding="utf-8") as document:
        forms = re.search(r"```json\n(.*?)```", document.read(), re.DOTALL)[1]
    values = encoded(forms)
    assert printed("--json", data=values).decode() == forms
    types = set(re.findall(r'"\$type":"(\w+)"', forms))
    assert types >= {row["value"].split("(")[0] for row in ROWS if row["variant_type"] > 28}
    assert len(types) == 39 - 2  # Nil and String are plain


# ---- Malformed input


def malformed(err):
    """Of each complaint: the offset, the number of the value, and the reason."""
    pattern = r"streampeer: malformed at byte (\d+) \(0x([0-9a-f]+)\), in value (\d+): (.*)"
    found = [re.fullmatch(pattern, line) for line in err.splitlines()]
    assert all(found), err
    assert all(int(match[1]) == int(match[2], 16) for match in found)
    return [(int(match[1]), int(match[3]), match[4]) for match in found]


TRUNCATED = "the bytes end before the value does"
MALFORMED = [
    (u32(1), 0, "", TRUNCATED),
    (b"\1\0", 0, "", TRUNCATED),
    (u32(39), 0, "", "there is no type 39"),
    (u32(ARRAY, 2, 2, 5, 255), 16, "[\n  5,\n", "there is no type 255"),
    (u32(DICTIONARY, 1, STRING) + text("a") + u32(255), 20, '{\n  "a": \n', "there is no type 255"),
    (u32(ARRAY | 1 << 16, 77, 0), 0, "", "there is no such type as its elements are said to have"),
    (u32(STRING, 1) + b"\xff\0\0\0", 0, "", "a text that is not UTF-8"),
    (u32(STRING, 0x7FFFFFFF) + b"abcd", 0, "", TRUNCATED),
    (u32(22, 1, 0, 0), 0, "", "a NodePath in the format before Godot 2.1"),
    (u32(ARRAY, 0x7FFFFFFF, 0), 0, "", TRUNCATED),
    (u32(ARRAY, 1) * 1024 + u32(ARRAY, 0), 1024 * 8, None, "more than 1024 levels of containers"),
]


@pytest.mark.parametrize("value, offset, shown, reason", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_input_reports_where_and_why(value, offset, shown, reason):
    before = u32(2, 7)
    status, out, err = inspect(data=before + value)
    assert status == 1
    assert malformed(err) == [(8 + offset, 2, reason)]
    if shown is not None:
        assert out.decode() == "7\n" + shown
    # JSON shows only whole values.
    status, out, err = inspect("--json", data=before + value)
    assert (status, out) == (1, b"7\n")
    assert malformed(err) == [(8 + offset, 2, reason)]


def test_each_prefix_of_a_value_is_malformed():
    value = encoded('{"a":[1,2.5,"x",{"$type":"NodePath","value":"/a:b"}]}')
    frames = b"".join(frame(value[:size]) for size in range(len(value)))
    status, out, err = inspect("--framed", "--keep-going", "--json", data=frames)
    assert (status, out) == (1, b"")
    assert [number for _, number, _ in malformed(err)] == list(range(1, len(value) + 1))


def test_objects_and_depth_can_be_refused():
    value = encoded('[{"$type":"Object","class":"N","properties":{}}]')
    assert printed(data=value) == b"[\n  Object(N)\n]\n"
    status, _, err = inspect("--no-allow-objects", data=value)
    assert status == 1
    assert malformed(err) == [(8, 1, "an object with properties, which is not allowed")]
    assert printed("--max-depth", 2, data=value)
    status, _, err = inspect("--max-depth", 1, data=value)
    assert status == 1
    assert malformed(err) == [(8, 1, "more than 1 levels of containers")]
    status, out, err = inspect("--encode", "--no-allow-objects", data=printed("--json", data=value))
    assert (status, out) == (1, b"") and "$[0]" in err and "not allowed" in err
    status, out, err = inspect("--encode", "--max-depth", 1, "[1,[]]")
    assert (status, out) == (1, b"") and "$[1]" in err and "more than 1 levels" in err


def test_invalid_frames():
    good = frame(u32(2, 7))
    cases = [
        (u32(12) + u32(2, 7), 12, "its length is 12, but only 8 bytes follow", b"7\n7\n"),
        (b"\1\0", 12, "the bytes end inside the length of a value", b"7\n"),
        (frame(u32(2, 7, 9, 9)), 24, "the value ends 8 bytes before its frame does", b"7\n7\n"),
        (frame(u32(2)), 16, TRUNCATED, b"7\n"),
        (frame(b""), 16, TRUNCATED, b"7\n"),
    ]
    for case, offset, reason, shown in cases:
        status, out, err = inspect("--framed", data=good + case)
        assert (status, out) == (1, shown)
        assert malformed(err) == [(offset, 2, reason)]


def test_frames_after_a_malformed_one_can_be_read():
    frames = frame(u32(2, 1)) + frame(u32(77)) + frame(u32(2, 2)) + frame(u32(ARRAY, 9))
    status, out, err = inspect("--framed", data=frames)
    assert (status, out) == (1, b"1\n")
    assert malformed(err) == [(16, 2, "there is no type 77")]
    status, out, err = inspect("--framed", "--keep-going", data=frames)
    assert (status, out) == (1, b"1\n2\n")
    assert malformed(err) == [(16, 2, "there is no type 77"), (36, 4, TRUNCATED)]


def test_a_wrong_framing_is_guessed():
    little, big = frame(u32(2, 7)), frame(u32(2, 7), ">")
    for data, arguments, hint in [
        (little, [], "(does it need --framed?)"),
        (big, ["--framed"], "(with --big-endian?)"),
        (little, ["--framed", "--big-endian"], "(without --big-endian?)"),
    ]:
        status, _, err = inspect(*arguments, data=data)
        assert status == 1 and err.endswith(hint + "\n")


# ---- Hex and base64


@pytest.mark.parametrize(
    "digits",
    [
        "1c000000020000000100000001000000 00000000",
        "1C 00 00 00 02 00 00 00\n01 00 00 00 01 00 00 00\n00 00 00 00\n",
        "0x1c, 0x0, 0x0, 0x0, 0x2, 0x0, 0x0, 0x0, 0X1, 0x0, 0x0, 0x0, 0x1, 0x0, 0x0, 0x0, "
        "0x0, 0x0, 0x0, 0x0",
        "{0x1c000000}, [0x02000000]; (01:00:00:00)-01.00_00'00' \"00000000\"",
        r"\x1c\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00",
    ],
)
def test_hex_as_people_paste_it(digits, tmp_path):
    expected = b"[\n  true,\n  null\n]\n"
    file = tmp_path / "hex"
    file.write_text(digits)
    assert printed("--hex", data=digits.encode()) == expected
    assert printed("--hex", file) == expected
    assert printed("--hex", digits) == expected
    assert printed("--hex", *digits.split()) == expected


def test_base64_as_people_paste_it(tmp_path):
    data = b"".join(VALUES)
    expected = printed(data=data)
    plain = base64.b64encode(data).decode()
    for digits in (
        plain, base64.encodebytes(data).decode(), plain.rstrip("="),
        base64.urlsafe_b64encode(data).decode(),
    ):
        assert printed("--base64", data=digits.encode()) == expected
    value = base64.b64encode(u32(2, 7)).decode()
    assert printed("--base64", value) == b"7\n"
    assert printed("--base64", value, value) == b"7\n7\n"  # padding ends a text


def test_encode_prints_hex_and_base64():
    for value, line in UNUSUAL[:12]:
        assert encoded(line, "--hex") == value.hex().encode() + b"\n"
        assert encoded(line, "--base64") == base64.b64encode(value) + b"\n"
    assert encoded("1 2", "--hex", "--framed") == b"080000000200000001000000\n" + (
        b"080000000200000002000000\n")
    for data in (b"", b"a", b"ab", b"abc", bytes(range(256))):
        value = u32(29, len(data)) + padded(data)
        for coding in ("--hex", "--base64"):
            there = encoded(printed("--json", data=value), coding)
            assert printed("--json", coding, data=there) == printed("--json", data=value)


@pytest.mark.parametrize(
    "arguments, reason",
    [
        (["--hex", "0g"], "'g' at character 2 is no hex digit"),
        (["--hex", "1x00"], "'x' at character 2 is no hex digit"),
        (["--hex", "123"], "an odd number of hex digits"),
        (["--hex", "é"], "byte 0xc3 at character 1 is no hex digit"),
        (["--base64", "AB!D"], "'!' at character 3 is no base64 digit here"),
        (["--base64", "A==="], "'=' at character 2 is no base64 digit here"),
        (["--base64", "AB=C"], "'C' at character 4 is no base64 digit here"),
        (["--base64", "AAA=="], "'=' at character 5 is no base64 digit here"),
        (["--base64", "AB="], "the base64 ends inside its padding"),
        (["--base64", "ABCDE"], "the base64 ends inside a byte"),
        (["--base64", "AB"], "bits of the last base64 digit are left over"),
        (["--base64", "ABC"], "bits of the last base64 digit are left over"),
    ],
)
def test_invalid_hex_or_base64(arguments, reason):
    status, out, err = inspect(*arguments)
    assert (status, out) == (1, b"")
    assert err == f"streampeer: no file has that name, and {reason}\n"
    status, out, err = inspect(arguments[0], data=arguments[1].encode())
    assert (status, out, err) == (1, b"", f"streampeer: {reason}\n")


# ---- JSON that people write


def test_json_that_people_write():
    for source, value in [
        ("1", u32(2, 1)),
        (" [ ] ", u32(ARRAY, 0)),
        ('{"$type":"PackedByteArray","value":[0,255]}', u32(29, 2) + b"\0\xff\0\0"),
        ('{"$type":"PackedByteArray","value":"00 FF"}', u32(29, 2) + b"\0\xff\0\0"),
        ('{"value":[1,2e0],"$type":"Vector2"}', u32(5) + struct.pack("<2f", 1, 2)),
        ('"\\ud83d\\udc7e\\/\\u00E9"', u32(STRING) + text("👾/é")),
        ('{"$type":"Vector2","value":[0.1,1],"wide":false}', u32(5) + struct.pack("<2f", 0.1, 1)),
        ('{"$type":"float","value":1}', struct.pack("<If", 3, 1)),
        ("1E2", struct.pack("<If", 3, 100)),
        ("-0", u32(2, 0)),
        ("\ufeff1", u32(2, 1)),
        ("1[]2\"x\"{}", u32(2, 1, ARRAY, 0, 2, 2, STRING) + text("x") + u32(DICTIONARY, 0)),
        ("", b""),
        ('{"a":1,"a":2}',
         u32(DICTIONARY, 2, STRING) + text("a") + u32(2, 1, STRING) + text("a") + u32(2, 2)),
    ]:
        assert encoded(source) == value
        if source.strip() and not source.startswith("\ufeff"):
            assert printed("--encode", "--", source) == value


WRONG_JSON = [
    ("[1,]", 3, "']' where a value should be"),
    ("[1 2]", 3, "'2' where ',' or ']' should be"),
    ('{"a" 1}', 5, "'1' where ':' should be"),
    ("{a:1}", 1, "'a' where a key in quotes should be"),
    ('{"a":1,}', 7, "'}' where a key in quotes should be"),
    ("[01]", 2, "'1' where ',' or ']' should be"),
    ("01", 1, "'1' where the value's end should be"),
    ("[1.]", 3, "']' where a digit should be"),
    ("[-]", 2, "']' where a digit should be"),
    ("[1e]", 3, "']' where a digit should be"),
    ("[+1]", 1, "'+' where a value should be"),
    ("[NaN]", 1, "'N' where a value should be"),
    ("[nul]", 4, "']' where null should be"),
    ("nullx", 4, "'x' where the value's end should be"),
    ('["a\nb"]', 3, "a control character in a string"),
    ('["\\x"]', 2, "an escape that is none"),
    ('["\\u12"]    ', 2, "\\u without four hex digits"),
    ('["\\ud800"]     ', 2, "half of a surrogate pair"),
    ('["\\udc00\\ud800"]', 2, "half of a surrogate pair"),
    ("[1", 2, "the text ends before ',' or ']'"),
    ('["abc', 5, "the text ends before the string's end"),
    ('["\\', 3, "the text ends before the string's end"),
    ('["\\u12', 2, "\\u without four hex digits"),
    ("tr", 2, "the text ends before true"),
    ("-", 1, "the text ends before a digit"),
    ("[" * 5000, 4096, "more than 4096 levels of lists and objects"),
    ("// x", 0, "'/' where a value should be"),
]


@pytest.mark.parametrize("source, offset, reason", WRONG_JSON, ids=range(len(WRONG_JSON)))
def test_invalid_json_reports_where(source, offset, reason):
    status, out, err = inspect("--encode", "--hex", data=b"7\n" + source.encode())
    assert (status, out) == (1, b"0200000007000000\n")
    assert err == f"streampeer: no JSON at byte {offset + 2}, in value 2: {reason}\n"


NO_VALUE = [
    ('{"$type":"Vektor","value":1}', "$.$type", 'there is no type "Vektor"'),
    ('{"\u202e\\n":{"$type":"Vektor"}}', '$["\\u202e\\n"].$type', 'there is no type "Vektor"'),
    ('{"' + "x y" * 20 + '":1e999}', '$["' + ("x y" * 20)[:40] + '…"]',
     "a number that 64 bits cannot hold"),
    ('{"$type":7}', "$.$type", "a whole number where a type's name should be"),
    ('{"$type":"int","value":1,"x":2}', "$.x", 'int has no "x"'),
    ('{"$type":"int","value":1,"value":2}', "$.value", "the second of this name"),
    ('{"$type":"int"}', "$", 'int without its "value"'),
    ('[{"$type":"int","value":1.5}]', "$[0].value",
     "a number with a fraction where a whole number should be"),
    ("[9223372036854775808]", "$[0]",
     "a number outside -9223372036854775808 to 9223372036854775807"),
    ("1e999", "$", "a number that 64 bits cannot hold"),
    ('{"$type":"int","value":2147483648,"wide":false}', "$.value",
     "a number that 32 bits cannot hold"),
    ('{"$type":"float","value":0.1,"wide":false}', "$.value",
     "a number that 32 bits do not hold to the last digit"),
    ('{"$type":"int","value":1,"wide":1}', "$.wide", "a whole number where true or false should be"),
    ('{"$type":"Vector2","value":[1]}', "$.value", "1 numbers where 2 should be"),
    ('{"a b":[{"$type":"Vector2","value":[1,"x"]}]}', '$["a b"][0].value[1]',
     '"x" is no number: write inf, -inf, nan, or nan:0x and its bits'),
    ('{"$type":"Vector2","value":[1,1e39]}', "$.value[1]", "a number that 32 bits cannot hold"),
    ('{"$type":"Vector2","value":[1,"nan:0x7ff8000000000000"]}', "$.value[1]",
     '"nan:0x7ff8000000000000" is no number: write inf, -inf, nan, or nan:0x and its bits'),
    ('{"$type":"float","value":"nan:0x3ff0000000000000"}', "$.value",
     '"nan:0x3ff0000000000000" is no number: write inf, -inf, nan, or nan:0x and its bits'),
    ('{"$type":"Vector2i","value":[1,2147483648]}', "$.value[1]",
     "a number outside -2147483648 to 2147483647"),
    ('{"$type":"Vector2i","value":[1,2],"wide":true}', "$.wide", 'Vector2i has no "wide"'),
    ('{"$type":"PackedByteArray","value":[256]}', "$.value[0]", "a number outside 0 to 255"),
    ('{"$type":"PackedByteArray","value":"abc"}', "$.value", "an odd number of hex digits"),
    ('{"$type":"PackedByteArray","value":{}}', "$.value", "an object where hex digits should be"),
    ('{"$type":"PackedVector2Array","value":[[1,2],3]}', "$.value[1]",
     "a whole number where a list of numbers should be"),
    ('{"$type":"PackedVector2Array","value":[[1,2,3]]}', "$.value[0]", "3 numbers where 2 should be"),
    ('{"$type":"PackedStringArray","value":["a",1]}', "$.value[1]",
     "a whole number where a string should be"),
    ('{"$type":"RID","value":-1}', "$.value", "a number outside 0 to 18446744073709551615"),
    ('{"$type":"NodePath","names":["a"],"subnames":[]}', "$", 'NodePath without its "absolute"'),
    ('{"$type":"NodePath","value":"a","absolute":true}', "$.absolute", 'NodePath has no "absolute"'),
    ('{"$type":"Array","of":"Foo","value":[]}', "$.of", 'there is no type "Foo"'),
    ('{"$type":"Array","of":{"klass":"N"},"value":[]}', "$.of.klass",
     'neither "class" nor "script"'),
    ('{"$type":"Array","of":{},"value":[]}', "$.of",
     'no type\'s name, {"class": name} or {"script": path}'),
    ('{"$type":"Array","value":{}}', "$.value", "an object where a list should be"),
    ('{"$type":"Dictionary","value":[[1,2],[3]]}', "$.value[1]", "no list of two, a key and a value"),
    ('{"$type":"Dictionary","value":1}', "$.value",
     "a whole number where an object, or a list of pairs, should be"),
    ('{"$type":"Object","class":"","properties":{}}', "$.class", "a class without a name"),
    ('{"$type":"Object","class":"N","properties":[[1,2]]}', "$.properties[0][0]",
     "a whole number where a name should be"),
    ('{"$type":"bool","value":true,"raw":"0100000000000000"}', "$.raw",
     "these bytes say something else than what is beside them"),
    ('{"$type":"bool","value":true,"raw":"01000000010000"}', "$.raw",
     "these bytes say something else than what is beside them"),
    ('{"$type":"bool","value":true,"raw":"010000000100000000000000"}', "$.raw",
     "these bytes say something else than what is beside them"),
    ('{"$type":"Array","value":[1],"raw":"1c00000002000080"}', "$.raw",
     "these bytes say something else than what is beside them"),
    ('{"$type":"Array","value":[1],"raw":"1c"}', "$.raw",
     "these bytes say something else than what is beside them"),
    ('{"$type":"Nil","raw":5}', "$.raw", "a whole number where hex digits should be"),
    ('{"$type":"Signal","name":1,"id":0}', "$.name", "a whole number where a string should be"),
]


@pytest.mark.parametrize("source, path, reason", NO_VALUE, ids=range(len(NO_VALUE)))
def test_json_that_is_not_a_value_reports_the_path(source, path, reason):
    status, out, err = inspect("--encode", "--hex", data=b"7\n" + source.encode())
    assert (status, out) == (1, b"0200000007000000\n")
    assert err == f"streampeer: value 2 is none at {path}: {reason}\n"


def test_text_in_json_must_be_utf8():
    for source in (b'["\xff"]', b'[{"\xc3":1}]', b'[{"$type":"NodePath","value":"\xff"}]'):
        status, out, err = inspect("--encode", data=source)
        assert (status, out) == (1, b"")
        assert err.startswith("streampeer: value 1 is none at $[0]") and "not UTF-8" in err


# ---- Deep and large


def test_a_thousand_levels_come_back():
    deep = {
        "arrays": u32(ARRAY, 1) * 1023 + u32(ARRAY, 0),
        "dictionaries": (u32(DICTIONARY, 1, STRING) + text("k")) * 1023 + u32(DICTIONARY, 0),
        "keys": u32(DICTIONARY, 1) * 1023 + u32(DICTIONARY, 0) + u32(0) * 1023,
        "objects": (u32(OBJECT) + text("N") + u32(1) + text("p")) * 1023 + u32(ARRAY, 0),
        "pairs": (u32(DICTIONARY, 1, 2, 7)) * 1023 + u32(ARRAY, 0),
    }
    for name, value in deep.items():
        lines = printed("--json", data=value)
        assert encoded(lines) == value, name
        assert printed(data=value).count(b"\n") > 1023
    status, out, err = inspect("--encode", data=b"[" * 1025 + b"]" * 1025)
    assert (status, out) == (1, b"")
    assert err.endswith(": more than 1024 levels of containers\n") and err.count("[0]") == 1024


def test_a_million_levels_are_refused_at_once():
    begin = time.monotonic()
    status, _, err = inspect("--json", data=u32(ARRAY, 1) * 1_000_000)
    assert status == 1 and "more than 1024 levels" in err
    for source in (b"[" * 1_000_000, b'{"a":' * 1_000_000, b'[{"$type":' * 500_000):
        status, out, err = inspect("--encode", data=source)
        assert (status, out) == (1, b"") and "more than 4096 levels" in err
    assert time.monotonic() - begin < 30


def test_a_large_value_in_small_pieces(start):
    data = random.Random(1).randbytes(2_000_000)
    value = u32(ARRAY, 3, 29, len(data)) + data + u32(2, 7, STRING) + text("end")
    reader = start(TOOL, "inspect", "--json")
    for at in range(0, len(value), 30_000):
        reader.process.stdin.write(value[at:at + 30_000])
        reader.process.stdin.flush()
    status, out, err = reader.finish()
    assert (status, err) == (0, "")
    assert encoded(out) == value


def test_values_are_shown_while_more_may_come(start):
    reader = start(TOOL, "inspect", "--framed")
    writer = start(TOOL, "inspect", "--encode", "--hex")
    for number in range(3):
        reader.process.stdin.write(frame(u32(2, number)))
        reader.process.stdin.flush()
        assert reader.read_line() == str(number)
        writer.process.stdin.write(b"[%d]\n" % number)
        writer.process.stdin.flush()
        assert writer.read_line() == u32(ARRAY, 1, 2, number).hex()
    assert reader.finish() == (0, b"", "")
    assert writer.finish() == (0, b"", "")


def unread(pipe):
    """The number of unread bytes in a pipe."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


def test_a_value_is_shown_when_it_is_whole_without_lengths(start):
    value = u32(ARRAY, 1, STRING) + text("x" * 100)
    reader = start(TOOL, "inspect", "--json")
    for piece in (value[:90], value[90:]):  # the second is smaller than the first
        reader.process.stdin.write(piece)
        reader.process.stdin.flush()
        wait_until(lambda: unread(reader.process.stdin) == 0, "reading of the piece")
    assert reader.read_line() == '["' + "x" * 100 + '"]'
    assert reader.finish() == (0, b"", "")


@pytest.mark.parametrize("seed", range(3))
def test_changed_bytes_are_malformed_or_come_back(seed):
    chance = random.Random(seed)
    values = VALUES + [value for value, _ in UNUSUAL]
    frames = []
    for _ in range(1000):
        value = bytearray(chance.choice(values))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(value) + 1)
            how = chance.randrange(4)
            if how == 0 and at < len(value):
                value[at] = chance.choice((0, 1, 2, 22, 24, 27, 28, 34, 0x80, 0xFF))
            elif how == 1 and at < len(value):
                value[at] ^= 1 << chance.randrange(8)
            elif how == 2:
                del value[at:]
            else:
                value[at // 4 * 4:at // 4 * 4] = chance.choice(values)
        frames.append(bytes(value))
    status, out, err = inspect(
        "--framed", "--keep-going", "--json", data=b"".join(map(frame, frames)))
    assert status == 1
    reasons = {number: reason for _, number, reason in malformed(err)}
    expected = b""
    for number, value in enumerate(frames, 1):
        reason = reasons.get(number, "the value ends 0 bytes before its frame does")
        left = re.fullmatch(r"the value ends (\d+) bytes before its frame does", reason)
        if left:
            expected += frame(value[:len(value) - int(left[1])])
    assert expected and len(reasons) > 100
    assert encoded(out, "--framed") == expected


# ---- Arguments


@pytest.mark.parametrize(
    "arguments",
    [
        ["--hex", "--base64"],
        ["--json", "--encode"],
        ["--json", "--offsets"],
        ["--encode", "--offsets"],
        ["--big-endian"],
        ["--keep-going"],
        ["--framed", "--encode", "--keep-going"],
        ["--max-depth", "0"],
        ["--max-depth", "1025"],
        ["--max-depth", "x"],
        ["one", "two"],
        ["--nonsense"],
    ],
)
def test_a_bad_argument_is_one_line(arguments):
    status, out, err = inspect(*arguments)
    assert (status, out) == (64, b"")
    assert err.startswith("streampeer: ") and err.count("\n") == 1


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    for place, reason in ((tmp_path / "none", "no such file"), (tmp_path, "is a directory")):
        status, out, err = inspect(place)
        assert (status, out) == (1, b"")
        assert err.startswith("streampeer: cannot ") and reason in err and err.count("\n") == 1


def test_help_describes_the_format():
    out = printed("--help").decode()
    for word in ("$type", "--framed", "--encode", "--offsets", "docs/inspect.md", "Exit status"):
        assert word in out


# ---- Texts from untrusted peers


def test_invisible_and_direction_characters_are_escaped():
    """Marks and embeddings of direction of both families, invisible characters, and tags."""
    hidden = "\u200e\u200f\u061c\u202a\u202e\u2066\u2069\ufeff\u00ad\u2060\ue000\U000e0041"
    value = u32(STRING) + text("a" + hidden + "é\u200d日")
    shown = "a" + json.dumps(hidden)[1:-1] + "é\u200d日"
    assert printed(data=value).decode() == f'"{shown}"\n'
    as_json = printed("--json", data=value)
    assert as_json.decode() == f'"{shown}"\n'
    assert encoded(as_json) == value
    status, _, err = inspect("--encode", data=f'{{"$type":"{hidden}"}}'.encode())
    assert status == 1 and not set(err) & set(hidden)


@pytest.mark.parametrize("form", (
    '{"$type":"i%s","value":1}', '{"$type":"int","v%s":1,"value":1}', '{"a%s":1,"b%s":2}',
    '{"$type":"float","value":"n%s"}', '{"$type":"Array","of":{"c%s":"x"},"value":[]}',
))
def test_many_combining_marks_take_no_time(form):
    """Swift's comparison of texts sorts the marks in quadratic time: 20 s for these."""
    marks = "\u0301\u0323" * 50_000
    begin = time.monotonic()
    inspect("--encode", data=form.replace("%s", marks).encode())
    assert time.monotonic() - begin < 5


def test_keys_that_look_alike_are_two():
    assert encoded('{"$type":"int","value":1}') == u32(2, 1)
    status, _, err = inspect("--encode", data='{"$type":"int","é":1,"e\u0301":2,"value":1}'.encode())
    assert status == 1 and "int has no" in err

"""What a text looks like: its shape, the words for "no value", and what can be told from a shape alone."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Words that people and programs write where there is no value; those in SOFT_WORDS may be an answer too.
MISSING_WORDS = (
    "",
    "?",
    "-",
    "--",
    ".",
    "na",
    "n/a",
    "n.a.",
    "#n/a",
    "#na",
    "nan",
    "null",
    "nil",
    "<na>",
    "none",
    "unknown",
    "unk",
    "undefined",
    "missing",
    "(blank)",
    "blank",
    "not available",
    "not provided",
    "not specified",
    "no data",
    "select",
    "tbd",
    "xxx",
)
SOFT_WORDS = frozenset({"none", "unknown", "unk", "undefined", "not specified", "select", "-", "."})

_TABLE = np.arange(256, dtype=np.uint8)
for _first, _last, _sign in (("A", "Z", "A"), ("a", "z", "a"), ("0", "9", "9")):
    _TABLE[ord(_first) : ord(_last) + 1] = ord(_sign)

# Regular expressions over shapes, in which A is any capital letter, a any other letter and 9 any digit.
PATTERNS: dict[str, str] = {
    "mail": r"^[Aa9._%+'-]+@[Aa9-]+(\.[Aa9-]+)+$",
    # Not a date, not an address of the internet, not a number in groups of three.
    "telephone": (
        r"^(?!9{4}[-./]99?[-./]99?$|99?[-./]99?[-./]9{2,4}$|9{1,3}(\.9{1,3}){3}$|9{1,3}([.,]9{3})+$)"
        r"(?=([^9]*9){7,15}[^9]*$)\+?\(?9{1,4}\)?([ ./-]\(?9{2,8}\)?){1,5}$|^\+9{8,15}$"
    ),
    "web address": r"^(Aaaa|aaaa|aaaaa)://\S+$|^aaa\.[Aa9-]+(\.[Aa9-]+)+.*$",
    "IP address": r"^9{1,3}\.9{1,3}\.9{1,3}\.9{1,3}$",
    "UUID": r"^[Aa9]{8}-[Aa9]{4}-[Aa9]{4}-[Aa9]{4}-[Aa9]{12}$",
    "bank account": r"^AA99[A9]{11,30}$|^AA99( [A9]{4}){2,7}( [A9]{1,4})?$",
    "card number": r"^9{4}([ -]9{4}){3}$",
    "decimal comma": r"^[+-]?9{1,3}(\.9{3})*,9{1,2}$|^[+-]?9+,9{1,2}$",
    "number with a unit": r"^[+-]?9+([.,]9+)? ?[Aa%€$£°]+\.?[Aa]*$|^[€$£] ?9+([.,]9+)*$",
}


def shapes(text: pa.StringArray) -> pa.StringArray:
    """Return each text's shape: every capital letter as A, every other letter as a, every digit as 9."""
    ascii_only = pc.string_is_ascii(text)
    offsets, data = text.buffers()[1:3]
    if data is None:
        return text
    # One byte for one byte, so the places where texts begin stay the same.
    written = _TABLE[np.frombuffer(data, dtype=np.uint8)]
    found = pa.Array.from_buffers(text.type, len(text), [None, offsets, pa.py_buffer(written)], offset=text.offset)
    if pc.all(ascii_only).as_py() is not False:
        return found
    odd = pa.array(map(shape, text.filter(pc.invert(ascii_only)).to_pylist()), type=text.type)
    return pc.replace_with_mask(found, pc.invert(ascii_only), odd)


def shape(text: str) -> str:
    """Return one text's shape, letters and digits of any script."""
    return "".join("A" if one.isupper() else "a" if one.isalpha() else "9" if one.isdigit() else one for one in text)


def words_sql() -> str:
    """Return the words for "no value" as a list in SQL."""
    return ", ".join("'" + word.replace("'", "''") + "'" for word in MISSING_WORDS)

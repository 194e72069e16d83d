"""What is wrong with a poc.yaml, one sentence per fault."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from core.errors import FormatError

KINDS = {
    "object": "a mapping of names to values",
    "array": "a list",
    "string": "text (put it in quotes)",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}


class PocError(FormatError):
    """A poc.yaml that cannot be used.

    Attributes
    ----------
    faults : one sentence for each thing that is wrong, in the order of the file.
    """

    def __init__(self, faults: Sequence[str], *, hint: str = "README.md, “poc.yaml”, lists every key.") -> None:
        """Keep the faults apart, so that each can stand on its line."""
        super().__init__(" ".join(faults), hint=hint)
        self.faults = tuple(faults)


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of poc.yaml."""
    return json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))


def faults(document: object) -> list[str]:
    """Return what the schema says against a document, a sentence for each fault; none when it is well formed."""
    validator = Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    found = sorted(validator.iter_errors(document), key=lambda error: [str(part) for part in error.absolute_path])
    return [sentence for error in found for sentence in _sentences(error)]


def _sentences(error: ValidationError) -> Iterator[str]:
    where = _path(error)
    schema, value = error.schema, error.instance
    properties = list(schema.get("properties", {})) if isinstance(schema, dict) else []
    match error.validator:
        case "additionalProperties":
            strange = [name for name in value if name not in properties]
            for name in strange:
                yield f"{where} has no key {name!r}; choose one of {', '.join(properties)}."
        case "required":
            missing = [name for name in error.validator_value if name not in value]
            # jsonschema reports each missing key on its own; its message begins with the one it is about.
            name = next((name for name in missing if error.message.startswith(repr(name))), missing[0])
            yield f"{where} needs the key {name!r}."
        case "enum":
            yield f"{where} is {value!r}; choose one of {', '.join(map(str, error.validator_value))}."
        case "const":
            yield f"{where} is {value!r}; this version reads {error.validator_value!r}."
        case "type":
            kinds = error.validator_value
            wanted = " or ".join(KINDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))
            yield f"{where} is {_short(value)}; it has to be {wanted}."
        case "dependentRequired":
            for name, others in error.validator_value.items():
                yield f"{where} has {name!r} and needs {', '.join(map(repr, others))} with it." if name in value else ""
        case "oneOf":
            choices = " or ".join(option["required"][0] for option in error.validator_value)
            yield f"{where} needs exactly one of {choices}."
        case "anyOf":
            yield f"{where} is {_short(value)}; it has to be a number from 0 to 1, or none."
        case "pattern":
            yield f"{where} is {value!r}; {_meaning(error.validator_value)}."
        case "minItems" | "minLength":
            yield f"{where} is empty."
        case "uniqueItems":
            yield f"{where} names the same thing twice."
        case "format":
            yield f"{where} is {value!r}; write a date as 2026-03-31."
        case _:
            yield f"{where} is {_short(value)}; {_bound(error.validator, error.validator_value)}."


def _path(error: ValidationError) -> str:
    text = ""
    for part in error.absolute_path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "The file"


def _short(value: object) -> str:
    text = repr(value) if value is not None else "empty"
    return text if len(text) <= 60 else f"{text[:57]}..."


def _meaning(pattern: str) -> str:
    if "Q[0-9]" in pattern:
        return "write the code of a check, as in Q10"
    if ":" in pattern:
        return "write a range of cells, as in B3:F200"
    if "none" in pattern:
        return "write one character, or none"
    return "use letters, digits and underscores, and no digit first"


def _bound(validator: str, value: object) -> str:
    words = {
        "minimum": "at least",
        "maximum": "at most",
        "exclusiveMinimum": "more than",
        "exclusiveMaximum": "less than",
        "maxLength": "of a length of at most",
    }
    return f"it has to be {words.get(validator, validator)} {value}"

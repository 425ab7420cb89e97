"""As much of JSON Schema as docs/command-output.schema.json uses; any other keyword is an error."""

import json
import pathlib

FILE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "command-output.schema.json"
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float), "null": type(None)}
KNOWN = {"$ref", "type", "const", "enum", "required", "properties", "additionalProperties", "items"}


def _is(value, name):
    return isinstance(value, TYPES[name]) and not (isinstance(value, bool) and name in ("integer", "number"))


def schemas():
    """By command."""
    return json.loads(FILE.read_text())["$defs"]


def faults(value, schema, path="$"):
    """What is wrong with a value, each with its place."""
    if "$ref" in schema:
        schema = schemas()[schema["$ref"].removeprefix("#/$defs/")]
    assert set(schema) <= KNOWN, f"{path}: {set(schema) - KNOWN} is not known here"
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(_is(value, name) for name in types):
        yield f"{path}: {value!r} is none of {types}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                yield f"{path}: {name} is missing"
        for name, item in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
            if inner is False:
                yield f"{path}: {name} is not in the schema"
            else:
                yield from faults(item, inner, f"{path}.{name}")
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from faults(item, schema.get("items", {}), f"{path}[{index}]")


def check(command, text):
    """The document that a command printed; AssertionError if it is not as its schema says."""
    document = json.loads(text)
    found = list(faults(document, schemas()[command]))
    assert not found, "\n".join(found)
    return document

"""Holds every example of the API document against its schema; names each that does not fit."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import jsonschema_rs


def examples(node: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    """Each example with where it stands and the schema beside it."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from examples(item, f"{place}/{index}")
    if not isinstance(node, dict):
        return
    # Beside a schema in parameters and bodies; within one, where the schema itself is what holds it.
    schema = node.get("schema", {key: value for key, value in node.items() if key not in ("example", "examples")})
    if "example" in node:
        yield f"{place}/example", node["example"], schema
    found = node.get("examples")
    if isinstance(found, dict):
        for name, example in found.items():
            yield f"{place}/examples/{name}", example["value"], schema
    elif isinstance(found, list):
        for index, example in enumerate(found):
            yield f"{place}/examples/{index}", example, schema
    for key, value in node.items():
        if key not in ("example", "examples", "properties"):
            yield from examples(value, f"{place}/{key}")
    for name, value in node.get("properties", {}).items():
        yield from examples(value, f"{place}/properties/{name}")


def main(path: str) -> int:
    """Checks the document; how many examples do not fit."""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": document["components"]["schemas"]})
    checked = 0
    wrong = []
    for place, example, schema in examples(document, "#"):
        whole = {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema", "components": document["components"]}
        checked += 1
        validator = jsonschema_rs.validator_for(whole, validate_formats=True)
        wrong += [f"{place}: {error.message}" for error in validator.iter_errors(example)]
    bodies = [
        (path, method)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation.get("x-amtia-documented")
        and "application/json" in operation.get("requestBody", {}).get("content", {})
        and "example" not in operation["requestBody"]["content"]["application/json"]
    ]
    wrong += [f"{method.upper()} {path} has no example of its body" for path, method in bodies]
    for line in wrong:
        print(line)
    if checked < 10:
        wrong.append("too few")
        print(f"only {checked} examples were found")
    print(f"{checked} examples, {len(wrong)} problems")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1]) else 0)

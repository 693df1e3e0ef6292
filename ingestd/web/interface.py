"""The API's description as a page shows it: every operation of the OpenAPI document, by subject."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ingestd.web.failing import API

BASE = f"{API}v1"
_METHODS = ("get", "post", "put", "patch", "delete")
_OK = "2"
_TOLD: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("examples", lambda told: told[0]),
    ("default", lambda told: told),
    ("enum", lambda told: told[0]),
)
_PLAIN: Mapping[str, Any] = {"boolean": False, "integer": 0, "number": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing that an operation takes."""

    name: str
    where: str
    """path, query, header."""
    is_required: bool
    about: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One address with a method."""

    method: str
    path: str
    about: str
    parameters: tuple[Parameter, ...]
    body: str
    """An example of what is sent; empty: nothing is."""
    answers: tuple[tuple[str, str], ...]
    """Status and meaning, those that are no errors."""
    example: str
    """Of an answer."""
    curl: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Operations that belong together."""

    name: str
    operations: tuple[Operation, ...]


def subjects(document: Mapping[str, Any]) -> tuple[Subject, ...]:
    """All of them, in the document's order."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                told = methods[method]
                name = told.get("tags", ["station"])[-1]
                found.setdefault(name, []).append(_operation(document, method, path, told))
    return tuple(Subject(name=name, operations=tuple(each)) for name, each in found.items())


def errors(document: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Every status that is an error, with its meaning."""
    found: dict[str, str] = {}
    for methods in document["paths"].values():
        for told in methods.values():
            found |= {
                status: answer["description"]
                for status, answer in told["responses"].items()
                if not status.startswith(_OK)
            }
    return tuple(sorted(found.items()))


def _operation(document: Mapping[str, Any], method: str, path: str, told: Mapping[str, Any]) -> Operation:
    parameters = tuple(_parameter(one) for one in told.get("parameters", ()) if one["in"] != "cookie")
    body = _body(document, told)
    answers = {status: one for status, one in told["responses"].items() if status.startswith(_OK)}
    content = answers.get("200", {}).get("content", {}).get("application/json", {})
    return Operation(
        method=method.upper(),
        path=f"{BASE}{path}",
        about=told.get("description", "").replace("`", ""),
        parameters=parameters,
        body=body,
        answers=tuple((status, one["description"].replace("`", "")) for status, one in answers.items()),
        example=_text(_example(document, content.get("schema", {}))) if content else "",
        curl=_curl(method, path, parameters, body),
    )


def _parameter(told: Mapping[str, Any]) -> Parameter:
    schema = told.get("schema", {})
    examples = told.get("examples") or schema.get("examples") or [schema.get("default", "")]
    first = next(iter(examples.values()))["value"] if isinstance(examples, dict) else examples[0]
    return Parameter(
        name=told["name"],
        where=told["in"],
        is_required=told.get("required", False),
        about=told.get("description", schema.get("description", "")).replace("`", ""),
        example=", ".join(map(str, first))
        if isinstance(first, list)
        else str(first if first is not None else ""),
    )


def _body(document: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    content = told.get("requestBody", {}).get("content", {})
    if "application/json" not in content or "$ref" not in content["application/json"]["schema"]:
        return "@FILE" if content else ""
    return json.dumps(_example(document, content["application/json"]["schema"]), ensure_ascii=False)


def _example(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """Made of the examples of the parts."""
    if "$ref" in schema:
        return _example(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for key, pick in _TOLD:
        if key in schema:
            return pick(schema[key])
    if "anyOf" in schema:
        return _example(document, schema["anyOf"][0])
    if schema.get("type") == "array":
        return [_example(document, schema.get("items", {}))]
    if schema.get("type") == "object":
        return dict(_members(document, schema))
    return _PLAIN.get(schema.get("type", ""), "...")


def _members(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, member in schema.get("properties", {}).items():
        yield name, _example(document, member)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _curl(method: str, path: str, parameters: tuple[Parameter, ...], body: str) -> str:
    """A command to try; what stands in capitals is one's own."""
    for one in parameters:
        if one.where == "path":
            path = path.replace(f"{{{one.name}}}", one.example or one.name.upper())
    query = "&".join(
        f"{one.name}={one.example}" for one in parameters if one.where == "query" and one.is_required
    )
    command = 'curl -s -H "Authorization: Bearer $TOKEN"'
    if body == "@FILE":
        command += " --data-binary @FILE"
    elif body:
        command += f" -H 'Content-Type: application/json' -d '{body}'"
    elif method != "get":
        command += f" -X {method.upper()}"
    return f'{command} "$STATION{BASE}{path}{"?" + query if query else ""}"'

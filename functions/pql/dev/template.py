"""The template that is deployed, its parameters decided and its intrinsics resolved.

The local world is made from the same file that is deployed, so only what that file uses is known
here; anything else is refused by name instead of being guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import yaml

from pql.dev.short_tags import parse

REGION = "us-east-1"
ACCOUNT = "123456789012"
NO_VALUE = object()
_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]+)\}")


class TemplateFault(Exception):
    """A template the local world cannot be made from."""


class Created(Protocol):
    """The resources, created on the first mention."""

    def ref(self, name: str) -> str:
        """Return what `!Ref name` means."""

    def attribute(self, name: str, attribute: str) -> str:
        """Return what `!GetAtt name.attribute` means."""


class Template:
    """A loaded template with its parameters decided.

    `overrides` are parameter values; a parameter without a value or a default is a fault.
    """

    def __init__(self, document: Mapping[str, Any], overrides: Mapping[str, str] | None = None) -> None:
        declared = document.get("Parameters", {})
        if unknown := set(overrides or {}) - set(declared):
            raise TemplateFault(f"the template has no parameter {', '.join(sorted(unknown))}")
        self.parameters = {name: parameter.get("Default") for name, parameter in declared.items()}
        self.parameters |= overrides or {}
        self.document = document
        self.conditions: Mapping[str, Any] = document.get("Conditions", {})
        self.resources: dict[str, Mapping[str, Any]] = {
            name: _with_globals(resource, document.get("Globals", {}))
            for name, resource in document["Resources"].items()
            if "Condition" not in resource or self.holds(resource["Condition"])
        }

    def of_type(self, *types: str) -> dict[str, Mapping[str, Any]]:
        """Return the resources of these types, by logical id."""
        return {name: resource for name, resource in self.resources.items() if resource["Type"] in types}

    def holds(self, condition: str) -> bool:
        """Return whether a named condition is true."""
        if condition not in self.conditions:
            raise TemplateFault(f"the template has no condition {condition}")
        return self._truth(self.conditions[condition])

    def resolve(self, value: Any, created: Created | None = None) -> Any:
        """Return `value` with every intrinsic replaced by what it stands for.

        `created` says what a mention of a resource means; without it only parameters and
        conditions may be mentioned.
        """
        if isinstance(value, list):
            return [item for each in value if (item := self.resolve(each, created)) is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._intrinsic(name, argument, created)
        resolved = {key: self.resolve(each, created) for key, each in value.items()}
        return {key: each for key, each in resolved.items() if each is not NO_VALUE}

    def _intrinsic(self, name: str, argument: Any, created: Created | None) -> Any:
        if name == "Ref":
            return self._ref(argument, created)
        if name == "Fn::If":
            condition, yes, no = argument
            return self.resolve(yes if self.holds(condition) else no, created)
        if name in {"Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not"}:
            return self._truth({name: argument})
        if name == "Fn::Sub":
            return self._sub(argument, created)
        if name == "Fn::GetAtt":
            return self._mention(created).attribute(*self.resolve(argument, created))
        if name == "Fn::Join":
            glue, parts = self.resolve(argument, created)
            return str(glue).join(str(part) for part in parts)
        if name == "Fn::Select":
            index, items = self.resolve(argument, created)
            return items[int(index)]
        if name == "Fn::Split":
            cut, text = self.resolve(argument, created)
            return str(text).split(cut)
        if name == "Fn::FindInMap":
            table, *keys = self.resolve(argument, created)
            return self.resolve(self.document["Mappings"][table][keys[0]][keys[1]], created)
        raise TemplateFault(f"the local world does not know the function {name}")

    def _ref(self, name: str, created: Created | None) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.parameters:
            if self.parameters[name] is None:
                raise TemplateFault(f"parameter {name} has no default: give it a value")
            return self.parameters[name]
        if name in _PSEUDO:
            return _PSEUDO[name]
        return self._mention(created).ref(name)

    def _sub(self, argument: Any, created: Created | None) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})

        def replaced(found: re.Match[str]) -> str:
            literal, name = found[1], found[2].strip()
            if literal:
                return "${" + name + "}"
            if name in own:
                return str(self.resolve(own[name], created))
            if "." in name:
                return self._mention(created).attribute(*name.split(".", 1))
            return str(self._ref(name, created))

        return _PLACEHOLDER.sub(replaced, text)

    def _truth(self, value: Any) -> bool:
        ((name, argument),) = value.items()
        if name == "Condition":
            return self.holds(argument)
        if name == "Fn::Equals":
            left, right = self.resolve(argument)
            return str(left) == str(right)
        if name == "Fn::Not":
            return not self._truth(argument[0])
        if name == "Fn::And":
            return all(self._truth(each) for each in argument)
        if name == "Fn::Or":
            return any(self._truth(each) for each in argument)
        raise TemplateFault(f"the local world does not know the condition {name}")

    @staticmethod
    def _mention(created: Created | None) -> Created:
        if created is None:
            raise TemplateFault("a resource is mentioned where only parameters may be")
        return created


_PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": "pql",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/pql/local",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}


def load(path: Path, overrides: Mapping[str, str] | None = None) -> Template:
    """Return the template in `path`; raises `TemplateFault` when it cannot be read."""
    try:
        document = parse(path.read_text("utf-8"))
    except OSError as error:
        raise TemplateFault(f"cannot read {path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise TemplateFault(f"{path} is not YAML: {error}") from error
    if not isinstance(document, dict) or "Resources" not in document:
        raise TemplateFault(f"{path} has no Resources")
    return Template(document, overrides)


def _with_globals(resource: Mapping[str, Any], globals_: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a function with `Globals: Function` under its own properties, as SAM merges them."""
    if resource["Type"] != "AWS::Serverless::Function":
        return resource
    merged = _merged(globals_.get("Function", {}), resource.get("Properties", {}))
    return {**resource, "Properties": merged}


def _merged(base: Any, own: Any) -> Any:
    if isinstance(base, dict) and isinstance(own, dict):
        return {**base, **{key: _merged(base.get(key), value) for key, value in own.items()}}
    if isinstance(base, list) and isinstance(own, list):
        return [*base, *own]
    return own

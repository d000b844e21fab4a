"""CloudFormation's short tags in YAML: `!Sub x` is read as `{"Fn::Sub": x}`."""

from __future__ import annotations

from typing import Any

import yaml

try:
    from yaml import CSafeLoader as SafeLoader  # 30 ms for the template instead of 200
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]


def parse(text: str) -> Any:
    """Return the document; raises `YAMLError`."""
    return yaml.load(text, _Loader)  # noqa: S506 (a SafeLoader with tags)


class _Loader(SafeLoader):
    """SafeLoader that turns `!Sub x` into `{"Fn::Sub": x}`."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type] # a third kind does not exist
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)

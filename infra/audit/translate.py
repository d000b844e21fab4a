"""Prints a template as CloudFormation deploys it: SAM's shorthand written out.

Runs in `.venv-audit`, which has SAM's translator; `python3 infra audit` calls it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

REGION = "us-east-1"


class _Region:
    """All that the translator wants of a boto session."""

    region_name = REGION


def translated(text: str) -> dict[str, object]:
    """Return the template that CloudFormation gets; paths to code stand for uploaded archives."""
    template = yaml_parse(text)
    uploaded = "s3://audit/archive"
    template["Globals"]["Function"]["CodeUri"] = uploaded
    for resource in template["Resources"].values():
        for uri in {"ContentUri", "DefinitionUri"} & resource.get("Properties", {}).keys():
            resource["Properties"][uri] = uploaded
    parameters = {name: str(each.get("Default", "")) for name, each in template["Parameters"].items()}
    translator = Translator({}, Parser(), boto_session=_Region())
    return dict(translator.translate(template, parameter_values=parameters))


if __name__ == "__main__":
    print(json.dumps(translated(Path(sys.argv[1]).read_text(encoding="utf-8")), indent=1, default=str))

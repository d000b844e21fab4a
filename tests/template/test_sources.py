"""What goes into the bundle and the layer."""

from __future__ import annotations

import re

import locks
import pytest

from stack import ROOT, of_type, properties, template

# sam's Python builder leaves these out of a bundle without a word.
LEFT_OUT = {"env", "venv", "ENV", "venv.bak", "env.bak", "htmlcov"}
LOCKS = ("requirements.lock", "infra/sam/requirements.lock", "infra/deps/requirements.txt")


def test_one_bundle() -> None:
    """All functions are made from the same code, layer, runtime and architecture: built and uploaded once."""
    made_from = {
        (each["CodeUri"], *each["Layers"], each["Runtime"], *each["Architectures"])
        for each in of_type("AWS::Serverless::Function").values()
    }

    assert {("functions/", "Dependencies", "python3.13", "arm64")} == made_from


def test_architecture() -> None:
    """Functions and layer follow one parameter."""
    chosen = {"Architecture": "x86_64"}
    functions = of_type("AWS::Serverless::Function", **chosen)

    assert {("x86_64",)} == {tuple(each["Architectures"]) for each in functions.values()}
    assert ["x86_64"] == properties("Dependencies", **chosen)["CompatibleArchitectures"]
    assert {"Ref": "Architecture"} == template().resources["Dependencies"]["Metadata"]["BuildArchitecture"]


def test_no_name_that_sam_drops() -> None:
    """No folder under functions/ has a name that sam would leave out of the bundle."""
    folders = {path.name for path in (ROOT / "functions").rglob("*") if path.is_dir()}

    assert set() == folders & LEFT_OUT


def test_fault_107_layer_follows_the_lock() -> None:
    """The layer's requirements are what the lock says of the packages that run on Lambda."""
    expected = locks.layer((ROOT / "requirements.lock").read_text(), (ROOT / "pyproject.toml").read_text())

    assert expected == (ROOT / "infra/deps/requirements.txt").read_text()


def test_layer_is_lean() -> None:
    """Neither the AWS SDK, which Lambda brings, nor anything of the tests is in the layer."""
    names = set(re.findall(r"^([\w.-]+)==", (ROOT / "infra/deps/requirements.txt").read_text(), re.MULTILINE))

    assert {"aws-lambda-powertools", "msgspec", "pydantic", "pyyaml", "urllib3"} <= names
    assert not {"boto3", "botocore", "moto", "pytest", "cfn-lint"} & names


@pytest.mark.parametrize("lock", LOCKS)
def test_fault_107_locks_hold_hashes_and_no_addresses(lock: str) -> None:
    """A lock pins every package by hash and leaves open where it is fetched from."""
    text = (ROOT / lock).read_text()
    packages = re.findall(r"^\S+==\S+.*$", text, re.MULTILINE)

    assert packages
    assert "://" not in text
    assert all(package.endswith("\\") for package in packages)

"""A machine of Step Functions, as far as infra/backtest/backtest.asl.json goes: no field is passed over.

What it does not know it refuses, so that a definition that this runs says nothing that was not run. Inputs,
outputs and payloads go through JSON and are held to Step Functions' 256 KiB.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

LIMIT = 256 * 1024
Invoke = Callable[[str, Any], Any]
_TASK = {"Type", "Resource", "Parameters", "ResultSelector", "ResultPath", "OutputPath"} | {
    *("TimeoutSeconds", "Retry", "Next", "End")
}
_MAP = {"Type", "Label", "ItemReader", "ItemsPath", "ItemSelector", "ItemBatcher", "MaxConcurrencyPath"} | {
    *("ItemProcessor", "ResultWriter", "ResultPath", "Next", "End")
}


class Failed(Exception):
    """An execution that failed, by the name of the error."""


class StateMachine:
    """One definition, with its placeholders filled in, over a client of S3 and functions by their ARN."""

    def __init__(self, definition: str, values: Mapping[str, str], s3: Any, invoke: Invoke) -> None:
        for name, value in values.items():
            definition = definition.replace(f"${{{name}}}", value)
        assert "${" not in definition
        self.definition = json.loads(definition)
        self._s3, self._invoke = s3, invoke
        self.concurrency: list[int] = []

    def run(self, given: Any) -> Any:
        """Return the output of an execution; raises `Failed`."""
        return self._states(self.definition, given, {})

    def _states(self, machine: dict[str, Any], data: Any, context: Any) -> Any:
        name = machine["StartAt"]
        while True:
            state = machine["States"][name]
            data = _through(self._state(state, _through(data), context))
            if state.get("End"):
                return data
            name = state["Next"]

    def _state(self, state: dict[str, Any], data: Any, context: Any) -> Any:
        if state["Type"] == "Task":
            assert set(state) <= _TASK
            result = self._task(state, _filled(state["Parameters"], data, context))
        else:
            assert state["Type"] == "Map"
            assert set(state) <= _MAP
            result = self._map(state, data)
        if "ResultSelector" in state:
            result = _filled(state["ResultSelector"], result, context)
        return _at(state.get("OutputPath", "$"), _placed(state.get("ResultPath", "$"), data, result))

    def _task(self, state: dict[str, Any], asked: dict[str, Any]) -> Any:
        assert state["Resource"] == "arn:aws:states:::lambda:invoke"
        (retry,) = state["Retry"]
        for attempt in itertools.count():
            try:
                return {"StatusCode": 200, "Payload": self._invoke(asked["FunctionName"], asked["Payload"])}
            except Exception as error:
                name = type(error).__name__
                if name not in retry["ErrorEquals"] or attempt == retry["MaxAttempts"]:
                    raise Failed(name) from error
        raise AssertionError

    def _map(self, state: dict[str, Any], data: Any) -> Any:
        assert state["ItemProcessor"]["ProcessorConfig"] == {
            "Mode": "DISTRIBUTED",
            "ExecutionType": "STANDARD",  # an express one ends after five minutes
        }
        self.concurrency.append(_at(state["MaxConcurrencyPath"], data))
        items = self._read(state["ItemReader"]) if "ItemReader" in state else _at(state["ItemsPath"], data)
        chosen = [
            _filled(state["ItemSelector"], data, {"Map": {"Item": {"Index": index, "Value": item}}})
            for index, item in enumerate(items)
        ]
        given = [*_batched(state["ItemBatcher"], chosen, data)] if "ItemBatcher" in state else chosen
        outputs = [self._states(state["ItemProcessor"], _through(one), {}) for one in given]
        return self._write(state["ResultWriter"], outputs)

    def _read(self, reader: dict[str, Any]) -> list[Any]:
        assert reader["Resource"] == "arn:aws:states:::s3:listObjectsV2"
        pages = self._s3.get_paginator("list_objects_v2").paginate(**reader["Parameters"])
        return [
            {
                "Etag": one["ETag"],
                "Key": one["Key"],
                "LastModified": int(one["LastModified"].timestamp()),
                "Size": one["Size"],
                "StorageClass": "STANDARD",
            }
            for page in pages
            for one in page.get("Contents", [])
        ]

    def _write(self, writer: dict[str, Any], outputs: list[Any]) -> Any:
        assert writer["Resource"] == "arn:aws:states:::s3:putObject"
        place = writer["Parameters"]
        key = f"{place['Prefix']}/run/SUCCEEDED_0.json"
        self._s3.put_object(Bucket=place["Bucket"], Key=key, Body=json.dumps(outputs).encode())
        return {"MapRunArn": "run", "ResultWriterDetails": {"Bucket": place["Bucket"], "Key": key}}


def _batched(batcher: dict[str, Any], items: list[Any], data: Any) -> Iterator[Any]:
    assert set(batcher) == {"MaxItemsPerBatch", "BatchInput"}
    for batch in range(0, len(items), batcher["MaxItemsPerBatch"]):
        yield {
            "BatchInput": _filled(batcher["BatchInput"], data, {}),
            "Items": items[batch : batch + batcher["MaxItemsPerBatch"]],
        }


def _filled(template: Any, data: Any, context: Any) -> Any:
    """Return a payload template with its paths followed."""
    if not isinstance(template, dict):
        return template
    return {
        name.removesuffix(".$"): _followed(value, data, context)
        if name.endswith(".$")
        else _filled(value, data, context)
        for name, value in template.items()
    }


def _followed(path: str, data: Any, context: Any) -> Any:
    return _at(path[1:], context) if path.startswith("$$") else _at(path, data)


def _at(path: str, data: Any) -> Any:
    for name in path.split(".")[1:]:
        data = data[name]
    return data


def _placed(path: str | None, data: Any, result: Any) -> Any:
    if path is None:
        return data
    if path == "$":
        return result
    (name,) = path.split(".")[1:]
    return {**data, name: result}


def _through(value: Any) -> Any:
    text = json.dumps(value)
    assert len(text.encode()) <= LIMIT
    return json.loads(text)

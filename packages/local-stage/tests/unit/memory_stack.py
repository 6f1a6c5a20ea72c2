"""A stack that is deployed to nowhere: it keeps what it is given and names resources as they come."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, override

from local_stage.cloudformation.intrinsics import PhysicalResource
from local_stage.cloudformation.local_template import LocalTemplate
from local_stage.cloudformation.stack import LocalStack

POOL_ID = "ap-northeast-1_Memory"


class MemoryStack(LocalStack):
    """`bodies` are the templates that were deployed, in order."""

    def __init__(self, outputs: Mapping[str, str] | None = None) -> None:
        super().__init__("hello-api", self._no_client)
        self.bodies: list[dict[str, Any]] = []
        self._outputs = dict(outputs or {})

    @override
    def deploy(self, body: str, parameters: Mapping[str, Any]) -> None:
        self.bodies.append(json.loads(body))
        self._outputs = {name: output["Value"] for name, output in self.bodies[-1]["Outputs"].items()}

    @override
    def physical_resources(self, template: LocalTemplate) -> dict[str, PhysicalResource]:
        resources = template.translated["Resources"]
        pools = {name for name in template.logical_ids if resources[name]["Type"] == "AWS::Cognito::UserPool"}
        return {
            name: PhysicalResource(POOL_ID if name in pools else f"{name.lower()}-1")
            for name in template.logical_ids
        }

    @override
    def find_values(self, references: Collection[tuple[str, str]]) -> dict[str, str]:
        return {}

    @override
    def stack_id(self) -> str:
        return "arn:aws:cloudformation:ap-northeast-1:123456789012:stack/hello-api/1-2"

    @override
    def outputs(self) -> dict[str, str]:
        return self._outputs

    def _no_client(self, service: str) -> Any:
        raise AssertionError(f"a unit test asks the local AWS for {service}")

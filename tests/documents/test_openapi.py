"""docs/openapi.json is the document of template.yaml as it is now, and is OpenAPI."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from openapi_spec_validator import validate

from local_stage.api_gateway.export.document import derive_openapi_document
from local_stage.api_gateway.rest.rest_api import RestApi
from local_stage.cloudformation.template import read_template
from local_stage.deployment.deployment import read_template_apis
from local_stage.serving.options import StartOptions
from tests.api.routes import ROUTES
from tests.stage_process import REPOSITORY

DOCUMENT: Final = REPOSITORY / "docs" / "openapi.json"


def read_document() -> Any:
    return json.loads(DOCUMENT.read_text(encoding="utf-8"))


def test_the_document_is_that_of_the_template() -> None:
    defaults = StartOptions()
    template = read_template(REPOSITORY / "template.yaml", {}, defaults.region)
    (rest_api,) = read_template_apis(template, defaults.stack_name, defaults.region)
    assert isinstance(rest_api, RestApi)
    current = json.dumps(derive_openapi_document(rest_api), indent=2) + "\n"
    if current != DOCUMENT.read_text(encoding="utf-8"):
        pytest.fail("docs/openapi.json is not that of template.yaml: run `make openapi`", pytrace=False)


def test_the_document_is_valid_openapi() -> None:
    validate(read_document())


def test_the_document_has_every_route_of_the_api_and_its_preflight() -> None:
    paths = read_document()["paths"]
    routes = {(verb.upper(), path) for path, operations in paths.items() for verb in operations}
    assert {route for route in routes if route[0] != "OPTIONS"} == {
        (route.method, route.path) for route in ROUTES
    }
    assert {path for verb, path in routes if verb == "OPTIONS"} == set(paths)


def test_the_document_asks_for_a_token_everywhere_but_on_the_preflight() -> None:
    for operations in read_document()["paths"].values():
        for verb, operation in operations.items():
            assert bool(operation["security"]) == (verb != "options")


def test_the_document_says_nothing_of_one_deployment() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert "Placeholder" not in text
    assert "userpool" not in text

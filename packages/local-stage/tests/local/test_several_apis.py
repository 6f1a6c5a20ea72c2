"""One template with several APIs and stages: each on a port of its own, each with its own authorizer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import requests

from local_stage.cli import main
from local_stage.errors import UsageError
from local_stage.state import CONTROL_PLANE
from tests.local.refused_start import write_template
from tests.local.several_apis import APIS, FUNCTION, TEMPLATE, Served
from tests.stage_process import running_stage


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("apis")
    template = write_template(folder, TEMPLATE)
    with running_stage(folder, "--template", str(template), "--concurrency", "1") as stage:
        yield Served(stage, template)


@pytest.mark.parametrize("api", APIS)
def test_each_api_takes_the_tokens_of_its_own_pool_alone(served: Served, api: str) -> None:
    """The authorizers have the same name, and are not the same."""
    output, stage_name, pool = APIS[api]
    url = served.stage.outputs[output]
    other = "Staff" if pool == "Customers" else "Customers"
    assert served.call(url).status_code == 401
    assert served.call(url, served.tokens[other]).status_code == 401
    answer = served.call(url, served.tokens[pool])
    assert answer.status_code == 200
    assert answer.json()["stage"] == stage_name
    assert answer.json()["path"] == f"/{stage_name}/orders"


def test_the_apis_are_at_ports_of_their_own_and_share_one_execution_environment(served: Served) -> None:
    answers = [
        served.call(served.stage.outputs[output], served.tokens[pool]) for output, _, pool in APIS.values()
    ]
    assert len({urlsplit(served.stage.outputs[output]).port for output, _, _ in APIS.values()}) == len(APIS)
    assert len({answer.json()["pid"] for answer in answers}) == 1
    assert len({answer.json()["apiId"] for answer in answers}) == 3


def test_every_api_stands_in_the_table_with_where_it_is(served: Served) -> None:
    printed = served.stage.printed
    for name, (output, _, _) in APIS.items():
        assert f"{served.stage.outputs[output].removesuffix('/orders')} serves {name} of " in printed
        assert f"Routes of {name}\n" in printed
    assert "template.yaml, which SAM makes of the Api events without RestApiId" in printed


def test_the_running_stage_tells_other_programs_of_every_api(served: Served) -> None:
    running = served.stage.find_running()
    assert [api.url for api in running.apis] == [
        served.stage.outputs[output].removesuffix("/orders") for output, _, _ in APIS.values()
    ]
    assert [[one["name"] for one in api.authorizers] for api in running.apis] == [["Pool"]] * 4
    assert served.stage.find_api_url("RawApi/green") == running.apis[2].url
    with pytest.raises(UsageError, match="StaffApi, RawApi/blue, RawApi/green, ServerlessRestApi"):
        served.stage.find_api_url("OtherApi")


def test_api_gateways_own_api_finds_what_runs_and_what_others_have_created(served: Served) -> None:
    gateway = served.stage.client("apigateway")
    running = [(api["name"], api["id"]) for api in gateway.get_rest_apis()["items"]]
    assert [name for name, _ in running] == ["hello-api", "raw", "hello-api"]
    raw = dict(running)["raw"]
    assert [stage["stageName"] for stage in gateway.get_stages(restApiId=raw)["item"]] == ["blue", "green"]
    assert {one["path"] for one in gateway.get_resources(restApiId=raw)["items"]} >= {"/orders", "/elsewhere"}
    mine = gateway.create_rest_api(name="created-by-hand")["id"]
    assert gateway.get_rest_api(restApiId=mine)["name"] == "created-by-hand"
    assert mine in [api["id"] for api in gateway.get_rest_apis()["items"]]


def test_an_authorizer_is_found_and_tested_as_on_aws(served: Served) -> None:
    gateway = served.stage.client("apigateway")
    (raw,) = (api["id"] for api in gateway.get_rest_apis()["items"] if api["name"] == "raw")
    (authorizer,) = gateway.get_authorizers(restApiId=raw)["items"]
    assert authorizer["identitySource"] == "method.request.header.X-Token"
    assert authorizer["type"] == "COGNITO_USER_POOLS"
    asked = {"restApiId": raw, "authorizerId": authorizer["id"]}
    good = gateway.test_invoke_authorizer(**asked, headers={"x-token": served.tokens["Staff"]})
    assert (good["clientStatus"], good["claims"]["cognito:username"]) == (0, "alice")
    for headers in ({"X-Token": served.tokens["Customers"]}, {"Authorization": served.tokens["Staff"]}, {}):
        assert gateway.test_invoke_authorizer(**asked, headers=headers)["clientStatus"] == 401
    with pytest.raises(gateway.exceptions.NotFoundException, match="Authorizer"):
        gateway.test_invoke_authorizer(restApiId=raw, authorizerId="other", headers={})
    with pytest.raises(gateway.exceptions.NotFoundException):
        gateway.get_authorizers(restApiId="other")


@pytest.mark.parametrize("place", ["", "/", "/authorizers", "/authorizers/", "/deployments", "/a/b/c"])
def test_the_local_aws_is_told_that_nothing_but_an_authorizer_is_tested(served: Served, place: str) -> None:
    apis = served.stage.client("apigateway").get_rest_apis()["items"]
    asked = {"method": "POST", "path": f"/restapis/{apis[0]['id']}{place}", "body": {}}
    url = f"{served.stage.find_running().console_url}{CONTROL_PLANE}"
    told = requests.post(url, json=asked, timeout=30)
    assert told.status_code == 200, told.text
    assert told.json()["status"] == 400
    assert "changes nothing of an API" in told.json()["content"]["message"]


def test_nothing_of_an_api_that_runs_is_changed_by_api_gateways_own_api(served: Served) -> None:
    gateway = served.stage.client("apigateway")
    (raw,) = (api["id"] for api in gateway.get_rest_apis()["items"] if api["name"] == "raw")
    (authorizer,) = gateway.get_authorizers(restApiId=raw)["items"]
    with pytest.raises(gateway.exceptions.NotFoundException):
        gateway.delete_authorizer(restApiId=raw, authorizerId=authorizer["id"])
    with pytest.raises(gateway.exceptions.NotFoundException):
        gateway.delete_rest_api(restApiId=raw)
    assert gateway.get_authorizers(restApiId=raw)["items"] == [authorizer]


def test_the_page_of_each_port_shows_its_own_api_and_leads_to_the_others(served: Served) -> None:
    for name, (output, stage_name, _) in APIS.items():
        root = served.stage.outputs[output].removesuffix(f"/{stage_name}/orders")
        shown = requests.get(f"{root}/.local-stage/stage", timeout=30).json()
        assert shown["api"] == name
        assert [api["name"] for api in shown["apis"]] == [*APIS]
        document = requests.get(f"{root}/.local-stage/openapi.json", timeout=30).json()
        assert "/orders" in document["paths"]


def test_a_function_outside_the_template_is_listed_and_its_route_protected(served: Served) -> None:
    url = served.stage.find_api_url("RawApi/blue") + "/elsewhere"
    arn = "arn:aws:lambda:eu-west-1:210987654321:function:elsewhere"
    assert served.call(url).status_code == 401
    assert served.call(url, served.tokens["Staff"]).status_code == 502
    assert f"elsewhere failed to start: Runtime.Unavailable: the template has no function {arn}" in (
        served.stage.wait_for_log("elsewhere failed to start")
    )
    listed = served.stage.printed.partition("Not run locally\n")[2]
    assert f"RawApi (AWS::ApiGateway::RestApi): it invokes {arn}, which is no function" in listed


def test_the_log_names_the_api_of_a_request(served: Served) -> None:
    served.call(served.stage.outputs["GreenUrl"])
    assert "401 GET /green/orders (RawApi/green): " in served.stage.wait_for_log("(RawApi/green)")


@pytest.mark.parametrize(
    ("api", "exit_code"), [("StaffApi", 0), ("RawApi/green", 0), ("ServerlessRestApi", 1)]
)
def test_explain_judges_by_the_api_that_is_chosen(served: Served, api: str, exit_code: int) -> None:
    token = served.tokens["Staff"]
    assert served.run("explain", token, "--route", "GET /orders", "--api", api) == exit_code


def test_explain_chooses_the_api_that_alone_has_the_route(served: Served) -> None:
    assert served.run("explain", "--route", "GET /staff") == 0
    url = served.stage.outputs["CustomersUrl"]
    assert served.run("explain", served.tokens["Customers"], "--route", f"GET {url}") == 0
    assert served.run("explain", served.tokens["Staff"], "--route", f"GET {url}") == 1


CHOICE: Final = "choose one with --api: StaffApi, RawApi/blue, RawApi/green, ServerlessRestApi"


@pytest.mark.parametrize(
    "command",
    [
        ("explain", "--route", "GET /orders"),
        ("event", "GET /orders", "--user", "alice"),
        ("test-authorizer", "a.b.c"),
    ],
    ids=lambda command: command[0],
)
def test_what_several_apis_could_answer_asks_for_one(
    served: Served, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    assert served.run(*command) == 2
    assert CHOICE in capsys.readouterr().err


def test_event_and_test_authorizer_are_those_of_the_api_that_is_chosen(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    assert served.run("event", "GET /orders", "--user", "alice", "--api", "RawApi/blue") == 0
    assert json.loads(capsys.readouterr().out)["requestContext"]["stage"] == "blue"
    token = served.tokens["Customers"]
    assert served.run("test-authorizer", token, "--api", "ServerlessRestApi") == 0
    assert served.run("test-authorizer", token, "--api", "StaffApi") == 1


def test_openapi_and_explain_ask_the_template_alone_too(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    file = ("--template", str(served.template))
    assert main(["openapi", *file]) == 2
    assert CHOICE in capsys.readouterr().err
    assert main(["openapi", *file, "--api", "StaffApi"]) == 0
    assert "/staff" in json.loads(capsys.readouterr().out)["paths"]
    assert served.run("explain", "--route", "GET /staff", *file) == 0


def edit(template: Path, text: str) -> None:
    fresh = template.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(template)


ADDED: Final = """\
  AddedApi:
    Type: AWS::Serverless::Api
    Properties: {StageName: new}
"""
ADDED_EVENT: Final = (
    "        Added: {Type: Api, Properties: {RestApiId: !Ref AddedApi, Path: /orders, Method: get}}\n"
)


def test_apis_come_and_go_with_a_save_and_the_others_keep_their_ports(served: Served) -> None:
    """The last test of the module: it leaves another template behind."""
    before = served.stage.find_running().apis
    added = TEMPLATE.replace("  StaffApi:\n", f"{ADDED}  StaffApi:\n").replace(
        "  RawApi:\n", f"{ADDED_EVENT}  RawApi:\n"
    )
    edit(served.template, added)
    assert served.call(f"{before[0].url}/orders", served.tokens["Staff"]).status_code == 200
    new, *others = served.stage.find_running().apis
    assert [*before] == others
    assert served.call(f"{new.url}/orders").status_code == 401
    assert served.call(f"{new.url}/orders", served.tokens["Staff"]).status_code == 401
    assert served.call(f"{new.url}/orders", served.tokens["Customers"]).status_code == 200

    edit(served.template, TEMPLATE)
    gone = served.call(f"{new.url}/orders", served.tokens["Customers"])
    assert (gone.status_code, gone.json()) == (403, {"message": "Forbidden"})
    assert served.stage.find_running().apis == before

    edit(served.template, TEMPLATE[: TEMPLATE.index("  StaffApi:")] + FUNCTION)
    first = urlsplit(before[0].url)
    assert served.call(f"{before[0].url}/orders", served.tokens["Staff"]).status_code == 403
    shown: dict[str, Any] = requests.get(f"http://{first.netloc}/.local-stage/stage", timeout=30).json()
    assert (shown["api"], shown["routes"]) == (None, [])
    assert "template.yaml has no API to serve" in served.stage.wait_for_printed("has no API to serve")

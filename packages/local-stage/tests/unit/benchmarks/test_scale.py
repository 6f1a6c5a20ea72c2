"""The large applications are as large as their figures say."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.scale import list_paths, multiply_users
from benchmarks.templates import build_functions, write_template
from local_stage.api_gateway.rest.router import Router
from tests.unit.api_gateway.routed import resource


def test_forty_functions_have_two_hundred_routes(tmp_path: Path) -> None:
    template = json.loads(write_template(tmp_path, build_functions(40, 200)).read_text())
    events = [
        event["Properties"]["Path"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::Serverless::Function"
        for event in one["Properties"]["Events"].values()
    ]
    assert len(set(events)) == len(events) == 200
    assert (tmp_path / "function" / "app.py").is_file()


def test_each_of_a_thousand_routes_is_found() -> None:
    paths = list_paths(1000)
    assert len(set(paths)) == 1000
    router = Router([resource(path, "GET") for path in paths])
    found = [router.match("GET", path) for path in paths]
    assert [one.resource.path for one in found if one] == paths


def test_a_pool_has_as_many_users_as_are_asked_for_and_the_first_as_he_was(tmp_path: Path) -> None:
    file = tmp_path / "cognito.json"
    first = {"Username": "alice", "_password": "secret", "Attributes": [{"Name": "sub", "Value": "a"}]}
    state = {"payload": {"user_pools": {"data": {"pool": {"_users": {"alice": first}}}}}}
    file.write_text(json.dumps(state))
    multiply_users(file, 10)
    users = json.loads(file.read_text())["payload"]["user_pools"]["data"]["pool"]["_users"]
    assert len(users) == 10
    assert users["alice"] == first
    assert len({user["Attributes"][0]["Value"] for user in users.values()}) == 10

"""What docs/deploy.md and docs/costs.md say of the template is so, and the sums are right."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.stage_process import REPOSITORY
from tests.unit.operations.test_account import EXECUTION, PIPELINE, granted
from tests.unit.template.written_template import (
    deployed,
    methods,
    of_type,
    operations,
    operations_template,
    template,
)

ROW = re.compile(r"^\|(?P<cells>.*)\|$", re.MULTILINE)
REGIONS = {"us-east-1": 2, "ap-northeast-1": 3}
PRICES = "Prices"


def read(name: str) -> str:
    return (REPOSITORY / "docs" / name).read_text(encoding="utf-8")


def rows(name: str, heading: str) -> Iterator[list[str]]:
    """Yield the rows of the tables under a heading, without their heads."""
    part = read(name).split(f"## {heading}\n")[1].split("\n## ")[0]
    for match in ROW.finditer(part):
        cells = [cell.strip() for cell in match["cells"].split("|")]
        if not set(cells[0]) <= {"-"} or not cells[0]:
            yield cells


def prices() -> dict[str, list[str]]:
    return {row[0]: row for row in rows("costs.md", PRICES)}


def price(what: str, region: str = "ap-northeast-1") -> float:
    return float(prices()[what][REGIONS[region]])


def test_every_parameter_is_listed_with_its_default() -> None:
    listed = {
        row[0].strip("`"): row[1].strip("`")
        for row in rows("deploy.md", "Parameters")
        if row[0] != "parameter"
    }
    parameters = template().source["Parameters"]
    assert listed == {name: str(given["Default"]) or "empty" for name, given in parameters.items()}


def test_what_one_chooses_of_the_second_template_is_listed_with_its_default() -> None:
    listed = [row for row in rows("deploy.md", "Watch and guard it") if row[0] != "parameter"]
    parameters = operations_template().source["Parameters"]
    chosen = {name: given["Default"] or "empty" for name, given in parameters.items() if "Default" in given}
    assert {row[0].strip("`"): row[1].strip("`") for row in listed} | {"AccessLogGroup": "empty"} == chosen


@pytest.mark.parametrize(("column", "environment"), [(1, "dev"), (2, "staging"), (3, "prod")])
def test_the_environments_differ_as_the_table_says(column: int, environment: str) -> None:
    table = {row[0]: row[column] for row in rows("deploy.md", "The environments")}
    resources = deployed(environment)
    pool = resources["UserPool"]
    assert table["API's stage"] == f"`/{environment}`"
    assert (table["users, when the stack is deleted"] == "kept") == (pool["DeletionPolicy"] == "Retain")
    protected = pool["Properties"]["DeletionProtection"] == "ACTIVE"
    assert (table["user pool"] == "protected against deletion") == protected
    plain = table["sign-in with the plain password (`USER_PASSWORD_AUTH`)"].startswith("yes")
    clients = of_type(resources, "AWS::Cognito::UserPoolClient").values()
    assert plain == any("ALLOW_USER_PASSWORD_AUTH" in client["ExplicitAuthFlows"] for client in clients)
    managed = resources["UserPoolDomain"]["Properties"]["ManagedLoginVersion"] == 2
    assert (table["login page"] == "managed login") == managed
    assert (table["new code"] == "by degrees") == ("HelloFunctionDeploymentGroup" in resources)
    ending = of_type(resources, "AWS::CloudWatch::Alarm")
    assert (table["alarms that end a deployment"] == "yes") == (len(ending) == 4)
    guarded = environment != "dev" and of_type(operations(environment), "AWS::WAFv2::WebACL")
    assert table["web ACL (AWS WAF) before API and sign-in"].startswith("none") is not bool(guarded)
    days = {group["RetentionInDays"] for group in of_type(resources, "AWS::Logs::LogGroup").values()}
    assert {int(table["days for which logs are kept"])} == days


def test_every_service_that_a_role_has_rights_in_is_named() -> None:
    granted_rights = granted("prod", PIPELINE) | granted("prod", EXECUTION)
    services = {action.split(":")[0] for action in granted_rights}
    names = {
        "apigateway": "API Gateway",
        "cloudformation": "CloudFormation",
        "cloudwatch": "CloudWatch",
        "codedeploy": "CodeDeploy",
        "cognito-idp": "Cognito",
        "iam": "IAM",
        "lambda": "Lambda",
        "logs": "Logs",
        "s3": "S3",
        "sns": "SNS",
        "wafv2": "WAF",
    }
    listed = {name for row in rows("deploy.md", "Which rights it takes") for name in row[0].split(", ")}
    assert {names[service] for service in services} == listed - {"service"}


@pytest.mark.parametrize("region", REGIONS)
def test_a_million_calls_cost_the_sum_of_their_parts(region: str) -> None:
    sums, total = {}, 0.0
    for row in rows("costs.md", "A million calls"):
        if row[0].startswith("sum"):
            sums[row[0]] = (float(row[REGIONS[region]]), total)
        elif row[0] in prices():
            cost = float(row[1].split()[0]) * price(row[0], region)
            assert float(row[REGIONS[region]]) == pytest.approx(cost, abs=0.006)
            total += cost
    assert sums.keys() == {"sum without traces", "sum with every call traced"}
    assert all(written == pytest.approx(computed, abs=0.011) for written, computed in sums.values())


def test_the_time_is_that_of_the_functions_memory() -> None:
    (row,) = (row for row in rows("costs.md", "A million calls") if row[0].startswith("Lambda, time"))
    megabytes = template().source["Globals"]["Function"]["MemorySize"]
    assert float(row[1].split()[0]) == 1_000_000 * megabytes / 1024 * 0.010 / 1_000_000


def test_active_users_cost_what_is_beyond_the_free_ones() -> None:
    table = [row for row in rows("costs.md", "An active user") if row[0] != "active users"]
    assert len(table) == 3
    for users, cost in table:
        beyond = max(0, int(users.replace(",", "")) - 10_000)
        assert float(cost) == pytest.approx(beyond * price("Cognito Essentials, active user"))


def test_what_is_there_while_nobody_calls_is_what_the_template_has() -> None:
    table = {row[0]: row[1:] for row in rows("costs.md", "What it costs while nobody calls")}
    both = {**deployed("prod"), **operations("prod", WebAcl="enabled")}
    alarms = of_type(both, "AWS::CloudWatch::Alarm").values()
    # An alarm on a band counts the metric and the band's two edges.
    metrics = sum(3 if "Metrics" in alarm else 1 for alarm in alarms)
    assert table[f"{len(alarms)} alarms, with {metrics} metrics"][1] == f"{metrics * 0.10:.2f}"
    rules = len(both["HelloWebAcl"]["Properties"]["Rules"])
    acl = price("WAF, web ACL") + rules * price("WAF, rule")
    assert table[f"web ACL with {rules} rules, if `WebAcl=enabled`"] == ["", f"{acl:.2f}"]
    machines = [
        client
        for client in of_type(deployed("prod"), "AWS::Cognito::UserPoolClient").values()
        if client.get("AllowedOAuthFlows") == ["client_credentials"]
    ]
    assert table["machine client"] == [f"{len(machines) * price('Cognito, machine client'):.2f}"] * 2
    assert table["dashboard"][1] == f"{price('CloudWatch, dashboard'):.2f}"
    assert table["metric of refusals"][1] == f"{price('CloudWatch, metric'):.2f}"
    assert f"each of the {len(list(methods()))} methods" in " ".join(read("costs.md").split())
    assert (5 * len(list(methods())) + 3) * price("CloudWatch, metric") == pytest.approx(14.40)

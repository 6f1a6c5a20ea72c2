"""Where Cognito may send a browser with an authorization code."""

from __future__ import annotations

import pytest

from tests.pack.found import CHOICE, client, find_messages, find_paths


@pytest.mark.parametrize(
    "url",
    [
        "https://app.example.com/callback",
        "'https://app.example.com:8443/a?b=c'",
        "http://localhost:5173/callback",
        "http://127.0.0.1/",
        "'http://[::1]:3000/callback'",
        "myapp://callback",
        "com.example.app:/callback",
        "!Ref FromOutside",
        "!Sub 'https://${Api}.execute-api.${AWS::Region}.amazonaws.com/'",
        "!Sub 'http://${Host}/'",
        "!Sub '${Origin}/callback'",
    ],
)
def test_urls_that_cognito_takes_are_right(url: str) -> None:
    assert find_paths("E9517", client(f"CallbackURLs: [{url}]")) == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://app.example.com/callback", "not https"),
        ("HTTP://app.example.com", "not https"),
        ("http://localhost.example.com", "not https"),
        ("'http://[2001:db8::1]/'", "not https"),
        ("!Sub 'http://app.example.com/${Path}'", "not https"),
        ("/callback", "not an absolute URL"),
        ("app.example.com/callback", "not an absolute URL"),
        ("localhost:3000/callback", "not an absolute URL"),
        ("'https://app.example.com/#/callback'", "fragment"),
    ],
)
def test_urls_that_cognito_refuses_are_found(url: str, reason: str) -> None:
    (message,) = find_messages("E9517", client(f"CallbackURLs: [{url}]"))
    assert reason in message


@pytest.mark.parametrize("name", ["CallbackURLs", "LogoutURLs"])
def test_each_list_is_looked_at(name: str) -> None:
    path = ("Resources", "Client", "Properties", name, 1)
    assert find_paths("E9517", client(f"{name}: [https://a.example, http://b.example]")) == [path]


def test_the_default_redirect_is_looked_at() -> None:
    assert len(find_paths("E9517", client("DefaultRedirectURI: http://a.example"))) == 1


def test_every_branch_is_looked_at() -> None:
    properties = "CallbackURLs: !If [IsLeft, [https://a.example], [http://b.example]]"
    assert len(find_paths("E9517", client(properties, sections=CHOICE))) == 1


def test_each_item_of_a_list_parameters_default_is_looked_at() -> None:
    sections = (
        "Parameters: {Urls: {Type: CommaDelimitedList, Default: 'https://a.example, http://b.example'}}"
    )
    path = ("Resources", "Client", "Properties", "CallbackURLs")
    assert find_paths("E9517", client("CallbackURLs: !Ref Urls", sections=sections)) == [path]

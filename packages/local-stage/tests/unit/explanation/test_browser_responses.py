"""What each browser says of CORS is recognised by its reason, whatever words stand before it."""

from __future__ import annotations

import pytest

from local_stage.explanation.known_responses import explain_response

CHROME = "Access to fetch at 'https://x' from origin 'http://a' has been blocked by CORS policy:"
PREFLIGHT = f"{CHROME} Response to preflight request doesn't pass access control check:"
FIREFOX = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the resource at https://x."
SAFARI = "Fetch API cannot load https://x/dev/hello due to access control checks."
ORIGIN, HEADERS = "Access-Control-Allow-Origin", "Access-Control-Allow-Headers"
METHODS, CREDENTIALS = "Access-Control-Allow-Methods", "Access-Control-Allow-Credentials"
OF_INCLUDE = "when the request's credentials mode is 'include'."


def name_of(text: str) -> str | None:
    known = explain_response(text)
    return known.name if known else None


@pytest.mark.parametrize("begun", [CHROME, PREFLIGHT], ids=["at once", "after a preflight"])
@pytest.mark.parametrize(
    ("reason", "name"),
    [
        (f"No '{ORIGIN}' header is present on the requested resource.", "cors-missing"),
        (f"The '{ORIGIN}' header has a value 'http://b' that is not equal to the origin.", "cors-origin"),
        (f"The '{ORIGIN}' header contains multiple values 'http://a, *', but one.", "cors-twice"),
        (f"The value of the '{ORIGIN}' header must not be the wildcard '*' {OF_INCLUDE}", "cors-credentials"),
        (
            f"The '{CREDENTIALS}' header in the response is '' which must be 'true' {OF_INCLUDE}",
            "cors-credentials",
        ),
        ("A reason of tomorrow's.\nTypeError: Failed to fetch", "cors-blocked"),
    ],
)
def test_what_chrome_says_of_either_answer_is_known(begun: str, reason: str, name: str) -> None:
    assert name_of(f"{begun} {reason}") == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"{PREFLIGHT} It does not have HTTP ok status.", "cors-preflight"),
        (f"{PREFLIGHT} Redirect is not allowed for a preflight request.", "cors-preflight"),
        (
            f"{CHROME} Request header field x is not allowed by {HEADERS} in preflight response.",
            "cors-header",
        ),
        (f"{CHROME} Method PUT is not allowed by {METHODS} in preflight response.", "cors-method"),
        ("GET http://127.0.0.1:3000/dev/hello net::ERR_CONNECTION_REFUSED", "no-response"),
        ("TypeError: Failed to fetch", "no-response"),
    ],
)
def test_what_chrome_says_else_is_known(text: str, name: str) -> None:
    assert name_of(text) == name


@pytest.mark.parametrize("status", ["", " Status code: 404.", " Status code: (null)."])
@pytest.mark.parametrize(
    ("reason", "name"),
    [
        (f"CORS header \u2018{ORIGIN}\u2019 missing", "cors-missing"),
        (f"CORS header \u2018{ORIGIN}\u2019 does not match \u2018http://localhost:5173\u2019", "cors-origin"),
        (f"Multiple CORS header \u2018{ORIGIN}\u2019 not allowed", "cors-twice"),
        (f"expected \u2018true\u2019 in CORS header \u2018{CREDENTIALS}\u2019", "cors-credentials"),
        (
            f"Credential is not supported if the CORS header \u2018{ORIGIN}\u2019 is \u2018*\u2019",
            "cors-credentials",
        ),
        (
            f"header \u2018x\u2019 is not allowed according to header \u2018{HEADERS}\u2019 from CORS",
            "cors-header",
        ),
        (
            f"missing token \u2018x\u2019 in CORS header \u2018{HEADERS}\u2019 from CORS preflight",
            "cors-header",
        ),
        (f"Did not find method in CORS header \u2018{METHODS}\u2019", "cors-method"),
        ("CORS preflight response did not succeed", "cors-preflight"),
        ("CORS request did not succeed", "no-response"),
        ("a reason of tomorrow's", "cors-blocked"),
    ],
)
def test_what_firefox_says_is_known(reason: str, status: str, name: str) -> None:
    assert name_of(f"{FIREFOX} (Reason: {reason}).{status}") == name


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (f"Origin http://localhost:5173 is not allowed by {ORIGIN}.", "cors-not-allowed"),
        (f"Origin http://localhost:5173 is not allowed by {ORIGIN}. Status code: 401", "cors-not-allowed"),
        ("Preflight response is not successful. Status code: 403", "cors-preflight"),
        (f"Request header field Authorization is not allowed by {HEADERS}.", "cors-header"),
        (f"Method PUT is not allowed by {METHODS}.", "cors-method"),
        (f"Cannot use wildcard in {ORIGIN} when credentials flag is true.", "cors-credentials"),
        (f"{ORIGIN} cannot contain more than one origin.", "cors-twice"),
        ("", "cors-blocked"),
    ],
)
def test_what_safari_says_is_known(line: str, name: str) -> None:
    """Its second line gives no reason: the one above it does."""
    assert name_of(f"{line}\n{SAFARI}") == name


def test_a_refused_preflight_is_told_by_either_cause() -> None:
    known = explain_response(f"{PREFLIGHT} It does not have HTTP ok status.")
    assert known is not None
    assert "403: the API has no such path" in known.meaning
    assert "401: an authorizer stands on OPTIONS" in known.meaning

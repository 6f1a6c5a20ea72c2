"""What a browser says of an answer that it keeps from the page: CORS, in the words of each browser."""

from __future__ import annotations

from typing import Final

from local_stage.explanation.answer_test import tells
from local_stage.explanation.known_answer import KnownAnswer, KnownAnswers

_HIDDEN: Final = "The browser keeps the answer from the page; curl would show it."

BROWSER_COMPLAINTS: Final[KnownAnswers] = (
    (
        tells(r"preflight.*(doesn't|does not) (pass|succeed|have HTTP ok)|preflight.*status code: 40[13]"),
        KnownAnswer(
            name="cors-preflight",
            title="CORS: the preflight was refused",
            meaning=(
                "The browser asks first, with OPTIONS and without a token. An authorizer that"
                " stands on OPTIONS as well answers 401 to that: SAM puts the default authorizer"
                " there unless told not to."
            ),
            remedy=(
                "Set Auth.AddDefaultAuthorizerToCorsPreflight to false on the API, and Cors to the"
                " page's origin."
            ),
        ),
    ),
    (
        tells(r"header field \S+ is not allowed by Access-Control-Allow-Headers|CORS.*Allow-Headers"),
        KnownAnswer(
            name="cors-header",
            title="CORS: a header of the request is not allowed",
            meaning=f"{_HIDDEN} The preflight does not name this header.",
            remedy="Add it to Cors.AllowHeaders, as in \"'Authorization,Content-Type'\".",
        ),
    ),
    (
        tells(r"Method \S+ is not allowed by Access-Control-Allow-Methods|CORS.*Allow-Methods"),
        KnownAnswer(
            name="cors-method",
            title="CORS: the verb is not allowed",
            meaning=f"{_HIDDEN} The preflight does not name this verb.",
            remedy=(
                "Add it to Cors.AllowMethods, or leave AllowMethods out: SAM then lists the path's own verbs."
            ),
        ),
    ),
    (
        tells(
            r"Access-Control-Allow-Origin' header has a value .* not equal"
            r"|'Access-Control-Allow-Origin' does not match|wildcard '\*' when the request's credentials"
        ),
        KnownAnswer(
            name="cors-origin",
            title="CORS: the page's origin is not the allowed one",
            meaning=(
                f"{_HIDDEN}"
                " Scheme, host and port have to be the same, to the letter and without a slash at"
                " the end."
            ),
            remedy=(
                "Set the template's parameter AllowedOrigin to the page's origin, as http://localhost:5173."
            ),
        ),
    ),
    (
        tells(
            r"No 'Access-Control-Allow-Origin' header|CORS header .?Access-Control-Allow-Origin.? missing"
            r"|is not allowed by Access-Control-Allow-Origin"
            r"|blocked by CORS policy|Cross-Origin Request Blocked"
        ),
        KnownAnswer(
            name="cors-missing",
            title="CORS: the answer has no Access-Control-Allow-Origin",
            meaning=(
                f"{_HIDDEN}"
                " It is often a refusal, such as 401 or 403: API Gateway puts no CORS header on its"
                " own refusals unless its gateway responses do, and none on a function's answer."
            ),
            remedy=(
                "Make the same call with curl -i to see what is behind it; set the header on the"
                " gateway responses DEFAULT_4XX and DEFAULT_5XX, and in the function's answer."
            ),
        ),
    ),
    (
        tells(r"Failed to fetch|NetworkError when attempting to fetch|Load failed"),
        KnownAnswer(
            name="no-answer",
            title="the browser has no answer, or keeps it from the page",
            meaning=(
                "Either nothing listens at this address, or the answer has no CORS header: the line"
                " above it in the console says which."
            ),
            remedy="Make the same call with curl -i, and explain what it prints.",
        ),
    ),
)

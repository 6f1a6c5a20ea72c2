"""What a browser says of an answer that it keeps from the page: CORS, in the words of each browser.

Chromium's sentences are tested with a real one; Firefox's and Safari's are as their documentation and sources
have them. Chromium begins every reason for which it stops after a preflight with the same words: what comes
after them tells one from another.
"""

from __future__ import annotations

from typing import Final

from local_stage.explanation.answer_test import tells
from local_stage.explanation.known_answer import KnownAnswer, KnownAnswers

_HIDDEN: Final = "The browser keeps the answer from the page; curl would show it."

_NO_ANSWER: Final = KnownAnswer(
    name="no-answer",
    title="the browser has no answer, or keeps it from the page",
    meaning=(
        "Mostly nothing listens at this address. Failed to fetch and its like are said of an answer that CORS"
        " keeps from the page as well: then another line of the console says so."
    ),
    remedy="Make the same call with curl -i, and explain what it prints.",
)

BROWSER_COMPLAINTS: Final[KnownAnswers] = (
    (
        tells(
            r"header field \S+ is not allowed by Access-Control-Allow-Headers"
            r"|is not allowed according to header .Access-Control-Allow-Headers"
            r"|missing token .* in CORS header .Access-Control-Allow-Headers"
        ),
        KnownAnswer(
            name="cors-header",
            title="CORS: a header of the request is not allowed",
            meaning=f"{_HIDDEN} The preflight does not name this header.",
            remedy="Add it to Cors.AllowHeaders, as in \"'Authorization,Content-Type'\".",
        ),
    ),
    (
        tells(
            r"Method \S+ is not allowed by Access-Control-Allow-Methods"
            r"|Did not find method in CORS header .Access-Control-Allow-Methods"
        ),
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
            r"wildcard '\*' when the request's credentials|'Access-Control-Allow-Credentials' header in"
            r"|expected .true. in CORS header .Access-Control-Allow-Credentials"
            r"|Credential is not supported if the CORS header|Cannot use wildcard in Access-Control-Allow"
        ),
        KnownAnswer(
            name="cors-credentials",
            title="CORS: the page sends cookies, and the answer does not allow that",
            meaning=f"{_HIDDEN} The page has asked for cookies: fetch with credentials: 'include'.",
            remedy="Leave credentials out: a token in the Authorization header needs no cookie.",
        ),
    ),
    (
        tells(
            r"Access-Control-Allow-Origin' header has a value .* not equal"
            r"|CORS header .Access-Control-Allow-Origin. does not match"
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
            r"Access-Control-Allow-Origin' header contains multiple values"
            r"|Multiple CORS header .Access-Control-Allow-Origin. not allowed"
            r"|Access-Control-Allow-Origin cannot contain more than one origin"
        ),
        KnownAnswer(
            name="cors-twice",
            title="CORS: Access-Control-Allow-Origin names more than one origin",
            meaning=f"{_HIDDEN} The header is sent twice, or has a list in it; it may name one origin.",
            remedy="Let the function alone set it, once, to the origin that the request has in Origin.",
        ),
    ),
    (
        tells(r"No 'Access-Control-Allow-Origin' header|CORS header .?Access-Control-Allow-Origin.? missing"),
        KnownAnswer(
            name="cors-missing",
            title="CORS: the answer has no Access-Control-Allow-Origin",
            meaning=(
                f"{_HIDDEN}"
                " It is often a refusal, such as 401 or 403: API Gateway puts no CORS header on its"
                " own refusals unless its gateway responses do, and none on a function's answer. If"
                " it is the preflight's answer, the API has no Cors, or it refuses OPTIONS."
            ),
            remedy=(
                "Make the same call with curl -i to see what is behind it; set the header on the"
                " gateway responses DEFAULT_4XX and DEFAULT_5XX, and in the function's answer."
            ),
        ),
    ),
    (
        tells(r"is not allowed by Access-Control-Allow-Origin"),
        KnownAnswer(
            name="cors-not-allowed",
            title="CORS: the answer does not allow the page's origin",
            meaning=(
                f"{_HIDDEN}"
                " Safari says this of an answer without Access-Control-Allow-Origin, such as a"
                " refusal, and of one that names another origin."
            ),
            remedy=(
                "Make the same call with curl -i: where the header is there, set the template's"
                " parameter AllowedOrigin to the page's origin; where it is not, set it on the gateway"
                " responses and in the function's answer."
            ),
        ),
    ),
    (
        tells(
            r"preflight request .* does not have HTTP ok status"
            r"|Redirect is not allowed for a preflight request"
            r"|CORS preflight (response|channel) did not succeed|Preflight response is not successful"
        ),
        KnownAnswer(
            name="cors-preflight",
            title="CORS: the preflight was refused",
            meaning=(
                "The browser asks first, with OPTIONS and without a token, and the answer was none of"
                " 200 to 299. 403: the API has no such path, and so no OPTIONS there. 401: an"
                " authorizer stands on OPTIONS as well: SAM puts the default authorizer there unless"
                " told not to. Any other: it is probably no API Gateway that answers."
            ),
            remedy=(
                "See the status by curl -i -X OPTIONS. 403: check path and stage of the URL"
                " (/dev/hello), and Cors on the API. 401: set"
                " Auth.AddDefaultAuthorizerToCorsPreflight to false on the API."
            ),
        ),
    ),
    (tells(r"CORS request did not succeed"), _NO_ANSWER),
    (
        tells(r"blocked by CORS policy|Cross-Origin Request Blocked|due to access control checks"),
        KnownAnswer(
            name="cors-blocked",
            title="CORS: the browser keeps the answer from the page",
            meaning=(
                "The answer, or that to the preflight before it, does not allow the page to read it."
                " The reason stands in the same message; Safari has it in the line above."
            ),
            remedy="Explain that line; or make the same call with curl -i, and explain what it prints.",
        ),
    ),
    (
        tells(r"Failed to fetch|NetworkError when attempting to fetch|Load failed|net::ERR_CONNECTION"),
        _NO_ANSWER,
    ),
)

"""Answers other than a refusal: too many requests, one that is not whole, or a function that has failed."""

from __future__ import annotations

from typing import Final

from local_stage.errors import spell_command
from local_stage.explanation.answer_test import any_of, has_status, is_of_type, says
from local_stage.explanation.known_answer import KnownAnswer, KnownAnswers

GATEWAY_FAULTS: Final[KnownAnswers] = (
    (
        says("Limit Exceeded", 429),
        KnownAnswer(
            name="quota-exceeded",
            title="429 Limit Exceeded: the quota is used up",
            meaning="The usage plan of the API key allows so many requests a day, week or month.",
            remedy="Wait for the next period, or raise the plan's quota.",
        ),
    ),
    (
        any_of(has_status(429), says("Too Many Requests")),
        KnownAnswer(
            name="throttled",
            title="429 Too Many Requests: throttled",
            meaning="More requests than the method's rate and burst allow; there is no Retry-After.",
            remedy=(
                "Try again later, after a longer pause each time, or raise ThrottlingRate and"
                " ThrottlingBurst."
            ),
        ),
    ),
    (
        says("Invalid request body"),
        KnownAnswer(
            name="invalid-body",
            title="400 Invalid request body",
            meaning="The token was accepted; the body does not fit the method's model.",
            remedy="Send JSON that fits the model, with Content-Type: application/json.",
        ),
    ),
    (
        says(r"Missing required request parameters: .*"),
        KnownAnswer(
            name="missing-parameters",
            title="400 Missing required request parameters",
            meaning=(
                "The token was accepted; the method asks for parameters that the request does not have."
            ),
            remedy="Send those that the answer names.",
        ),
    ),
    (
        says("Unsupported Media Type"),
        KnownAnswer(
            name="unsupported-media-type",
            title="415 Unsupported Media Type",
            meaning="The integration does not take this Content-Type.",
            remedy="Send Content-Type: application/json, or the type that the method names.",
        ),
    ),
    (
        any_of(has_status(413), says("Request Too Long")),
        KnownAnswer(
            name="too-large",
            title="413 Request Too Long",
            meaning="API Gateway takes a payload of 10 MB, and Lambda one of 6 MB.",
            remedy="Send less, or let clients put what is large into S3 by a presigned URL.",
        ),
    ),
    (
        is_of_type("Authorizer"),
        KnownAnswer(
            name="authorizer-failure",
            title="500 of the authorizer",
            meaning=(
                "API Gateway could not decide: it has no keys of the user pool, or may not call the"
                " authorizer."
            ),
            remedy="See that the user pool that the authorizer names still exists.",
        ),
    ),
    (
        says("Endpoint request timed out"),
        KnownAnswer(
            name="integration-timeout",
            title="504 Endpoint request timed out",
            meaning=(
                "The function had not answered after 29 seconds, the integration's limit; it may"
                " still be running."
            ),
            remedy=(
                "See in the function's log what takes so long; with a Timeout below 29 s the log"
                " has a line of it, and the answer is 502."
            ),
        ),
    ),
    (
        says("Internal server error", 502),
        KnownAnswer(
            name="function-failed",
            title="502 Internal server error: the function failed",
            meaning=(
                "It raised an error, crashed, timed out, or returned what is no proxy response:"
                " statusCode, and a body that is text and no object."
            ),
            remedy=f"Read the function's log: `{spell_command('logs')}`, or `sam logs` on AWS.",
        ),
    ),
    (
        says("Internal server error", 500),
        KnownAnswer(
            name="server-error",
            title=(
                "500 Internal server error: the function was not invoked, or its answer cannot be passed on"
            ),
            meaning="API Gateway may not invoke the function, or a header of its answer is illegal.",
            remedy="See the function's AWS::Lambda::Permission, and the headers that it answers.",
        ),
    ),
)

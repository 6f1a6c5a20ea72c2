"""What Cognito answers where there are no tokens."""

from __future__ import annotations

from typing import Final

from local_stage.explanation.answer_test import tells
from local_stage.explanation.known_answer import KnownAnswer, KnownAnswers

SIGN_IN_ANSWERS: Final[KnownAnswers] = (
    (
        tells(r"flow not enabled for this client"),
        KnownAnswer(
            name="flow-not-enabled",
            title="Cognito: the sign-in flow is not enabled for this app client",
            meaning="The app client's ExplicitAuthFlows do not have this flow.",
            remedy="Sign in with SRP, or add ALLOW_USER_PASSWORD_AUTH to the app client.",
        ),
    ),
    (
        tells(r"Incorrect username or password"),
        KnownAnswer(
            name="wrong-password",
            title="Cognito: Incorrect username or password",
            meaning=(
                "One of both is wrong; a user who does not exist gets the same where"
                " PreventUserExistenceErrors is on."
            ),
            remedy="See that the user is in this very pool, and that the password is a permanent one.",
        ),
    ),
    (
        tells(r"NEW_PASSWORD_REQUIRED"),
        KnownAnswer(
            name="new-password-required",
            title="Cognito: NEW_PASSWORD_REQUIRED",
            meaning=(
                "An administrator has made the user, whose password is a temporary one: there are"
                " no tokens yet."
            ),
            remedy=(
                "Answer the challenge with a new password, or set one with aws cognito-idp"
                " admin-set-user-password --permanent."
            ),
        ),
    ),
)

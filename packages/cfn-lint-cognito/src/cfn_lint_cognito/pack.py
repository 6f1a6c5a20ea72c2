"""Every rule of the pack, in the order of their numbers: pools, clients, login pages, APIs, outputs."""

from typing import Final

from cfn_lint_cognito import (
    app_client,
    authorization,
    authorizer_cache,
    cors,
    gateway_response,
    http_api,
    login_page,
    pool_trigger,
    preflight,
    redirect_url,
    sign_in_flow,
    stack_output,
    token_validity,
    user_pool,
)

RULES: Final = tuple(
    sorted(
        (
            *user_pool.RULES,
            *app_client.RULES,
            *redirect_url.RULES,
            *sign_in_flow.RULES,
            *pool_trigger.RULES,
            *token_validity.RULES,
            *login_page.RULES,
            *authorization.RULES,
            *preflight.RULES,
            *cors.RULES,
            *gateway_response.RULES,
            *http_api.RULES,
            *authorizer_cache.RULES,
            *stack_output.RULES,
        ),
        key=lambda rule: rule.id[1:],
    )
)

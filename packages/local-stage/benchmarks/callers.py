"""Who calls: a user of the pool with a real ID token, and a caller who has none that is good."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from tests.api.deployed_stack import DeployedStack, StackSettings
from tests.tokens import TokenSigner, decode_part

REGION: Final = "ap-northeast-1"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody in a stack's pool."""

    stack: DeployedStack
    name: str
    password: str

    def sign_in(self) -> str:
        """Return the `Authorization` header with a new ID token."""
        outputs = self.stack.outputs
        response = self.stack.cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=outputs.get("PasswordClientId") or outputs["UserPoolClientId"],
            AuthParameters={"USERNAME": self.name, "PASSWORD": self.password},
        )
        return f"Bearer {response['AuthenticationResult']['IdToken']}"


def sign_in(stack_name: str, aws_endpoint_url: str) -> str:
    """Create a user in the stack's pool, sign in as them, and return the `Authorization` header."""
    return create_user(stack_name, aws_endpoint_url).sign_in()


def create_user(stack_name: str, aws_endpoint_url: str) -> User:
    """Create a user in the stack's pool, who stays: its folder is thrown away after the measurement."""
    stack = find_stack(stack_name, aws_endpoint_url)
    pool, name = stack.user_pool_id, f"user-{secrets.token_hex(8)}"
    password = f"{secrets.token_urlsafe(24)}aA1-"
    stack.cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
    stack.cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
    return User(stack, name, password)


def find_stack(stack_name: str, aws_endpoint_url: str) -> DeployedStack:
    """Return the stack in a local AWS."""
    return DeployedStack.find(StackSettings(stack_name, REGION, aws_endpoint_url))


def forge(authorization: str, count: int) -> tuple[str, ...]:
    """Return so many different headers like a good one, signed by a key that is not the pool's.

    Half of them carry the pool's own key id, half one that the pool does not know.
    """
    token = authorization.removeprefix("Bearer ")
    issuer, kid = decode_part(token, 1)["iss"], decode_part(token, 0)["kid"]
    attackers = [TokenSigner(issuer, "attacker-key"), TokenSigner(issuer, "another-key")]
    payload = decode_part(token, 1)
    return tuple(
        f"Bearer {attackers[n % 2].sign(payload | {'jti': f'forged-{n}'}, **({} if n % 2 else {'kid': kid}))}"
        for n in range(count)
    )

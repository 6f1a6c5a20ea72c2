"""Who calls, as dependencies of FastAPI's routes: the authorizer has checked the token."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from pydantic import BaseModel


class Caller(BaseModel):
    """The person whose ID token API Gateway has verified."""

    sub: str
    username: str
    groups: list[str]


def find_caller(request: Request) -> Caller:
    """Return the caller; 401 where no authorizer has run, as in `uvicorn app:app`."""
    event = request.scope.get("aws.event", {})
    claims = (event.get("requestContext", {}).get("authorizer") or {}).get("claims")
    if not claims:
        raise HTTPException(401, "no authorizer has run")
    groups = claims.get("cognito:groups", "")  # a REST API hands on the list as one text: `editors,readers`
    return Caller(
        sub=claims["sub"], username=claims["cognito:username"], groups=groups.split(",") if groups else []
    )


def require_group(group: str) -> Callable[[Caller], Caller]:
    """Return a dependency that lets in the members of a group alone; everybody else gets 403."""

    def find_member(caller: Annotated[Caller, Depends(find_caller)]) -> Caller:
        if group not in caller.groups:
            raise HTTPException(403, f"only members of the group {group} may do this")
        return caller

    return find_member

"""Which method a path and a verb reach."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from conformance.case import Case, Request, Response
from conformance.responses import echoed, responded, unknown_route


def _case(name: str, rule: str, target: str, response: Response, method: str = "GET") -> Case:
    request = Request(method=method, target=target)
    return Case(id=f"routing.{name}", rule=f"routing.{rule}", request=request, response=response)


def _reaches(name: str, rule: str, target: str, resource: str, method: str = "GET") -> Case:
    places = {"/resource": resource, "/httpMethod": method}
    return _case(name, rule, target, echoed(places), method)


def _nowhere(name: str, rule: str, target: str, method: str = "GET") -> Case:
    return _case(name, rule, target, unknown_route(), method)


CASES: Final = (
    _reaches("literal", "literal-first", "/users/me", "/users/me"),
    _reaches("parameter", "literal-first", "/users/you", "/users/{id}"),
    _reaches("literal-beside-greedy", "literal-first", "/files/readme", "/files/readme"),
    _reaches("greedy", "greedy-last", "/files/a", "/files/{proxy+}"),
    _reaches("greedy-deep", "greedy-last", "/files/readme/more", "/files/{proxy+}"),
    _reaches("verb-falls-through", "fall-through", "/files/readme", "/files/{proxy+}", "POST"),
    _reaches("verb-falls-through-delete", "fall-through", "/files/readme", "/files/{proxy+}", "DELETE"),
    _nowhere("greedy-needs-a-segment", "greedy-needs-a-segment", "/files"),
    _nowhere("greedy-needs-more-than-a-slash", "greedy-needs-a-segment", "/files/"),
    _reaches(
        "literal-is-no-parameter", "back-to-parameter", "/users/me/orders/1", "/users/{id}/orders/{order}"
    ),
    _reaches("root", "root", "/", "/"),
    _reaches("root-without-slash", "root", "", "/"),
    _reaches("trailing-slash", "trailing-slash", "/users/me/", "/users/me"),
    _nowhere("empty-parameter", "empty-parameter", "/users//orders/1"),
    _nowhere("other-case", "case-counts", "/Open"),
    _nowhere("encoded-literal", "no-other-spelling", "/%6Fpen"),
    _nowhere("dot-segment", "no-other-spelling", "/users/../open"),
    _reaches("dot-segment-greedy", "no-other-spelling", "/files/../open", "/files/{proxy+}"),
    *(
        _reaches(f"any-{verb.lower()}", "any", "/any", "/any", verb)
        for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")
    ),
    _case("head-on-get", "head", "/open", replace(unknown_route(), body=b""), "HEAD"),
    _case("head-on-any", "head", "/any", responded(), "HEAD"),
)

"""Routing, held against the obvious and slow way to route: look at every resource."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from local_stage.api_gateway.rest.rest_api import ANY, Resource
from local_stage.api_gateway.rest.router import (
    VERBS,
    Router,
    find_path_fault,
    is_greedy,
    parameter_name,
    split_path,
)
from tests.unit.api_gateway.routed import reach, resource

SEGMENTS = st.sampled_from(["a", "b", "c", "{x}", "{p+}"])
PATHS = st.lists(SEGMENTS, max_size=4).map(lambda segments: "/" + "/".join(segments))
LEGAL_PATHS = PATHS.filter(lambda path: find_path_fault(path) is None)
RESOURCES = st.lists(
    st.builds(
        lambda path, verbs: resource(path, *verbs),
        LEGAL_PATHS,
        st.lists(st.sampled_from(["GET", "POST", ANY]), unique=True),
    ),
    max_size=8,
    unique_by=lambda resource: resource.path,
)
REQUEST_PATHS = st.lists(st.sampled_from(["a", "b", "c", "d", "", "..", "%61"]), max_size=5).map(
    lambda segments: "/" + "/".join(segments)
)


def fits(template: str, segments: list[str]) -> bool:
    """Say, plainly, whether a resource's path fits a request's segments."""
    parts = split_path(template)
    if parts and is_greedy(parts[-1]):
        if len(segments) < len(parts):
            return False
        segments = [*segments[: len(parts) - 1], "the rest"]
    return len(parts) == len(segments) and all(
        value != "" if parameter_name(part) is not None else part == value
        for part, value in zip(parts, segments, strict=True)
    )


def rank(template: str) -> list[int]:
    """Sort literals before parameters before greedy ones, the first segment first."""
    return [
        2 if is_greedy(segment) else 1 if parameter_name(segment) is not None else 0
        for segment in split_path(template)
    ]


def expected(resources: Iterable[Resource], http_method: str, path: str) -> str | None:
    """Look at every resource: the obvious and slow way to route."""
    fitting = [
        candidate
        for candidate in resources
        if fits(candidate.path, split_path(path)) and {http_method, ANY} & candidate.methods.keys()
    ]
    best = min(fitting, key=lambda candidate: rank(candidate.path), default=None)
    verb = http_method if best and http_method in best.methods else ANY
    return None if best is None else f"{verb} {best.path}"


@given(RESOURCES, st.sampled_from(["GET", "POST", "PUT"]), REQUEST_PATHS)
def test_the_tree_routes_as_looking_at_every_resource_does(
    resources: list[Resource], http_method: str, path: str
) -> None:
    assert reach(Router(resources), http_method, path) == expected(resources, http_method, path)


@given(RESOURCES, st.text(), st.text())
def test_no_request_crashes_the_router(resources: list[Resource], http_method: str, path: str) -> None:
    match = Router(resources).match(http_method, path)
    assert match is None or http_method in VERBS


@given(RESOURCES, REQUEST_PATHS)
def test_path_parameters_spell_the_path(resources: list[Resource], path: str) -> None:
    """Putting the parameters into the resource's path gives the request's path back."""
    match = Router(resources).match("GET", path)
    if match is not None:
        spelled = match.resource.path
        for name, value in match.path_parameters.items():
            spelled = spelled.replace(f"{{{name}}}", value).replace(f"{{{name}+}}", value)
        assert split_path(spelled) == split_path(path)

"""An API is chosen by its name, or by being the only one that has what is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from local_stage.api_gateway.api import choose_api, name_api
from local_stage.errors import UsageError


@dataclass(frozen=True)
class Named:
    logical_id: str
    stage_name: str


HELLO, BLUE, GREEN = Named("HelloApi", "dev"), Named("PagesApi", "blue"), Named("PagesApi", "green")
ALL = (HELLO, BLUE, GREEN)


@pytest.mark.parametrize(
    ("name", "chosen"),
    [("HelloApi", HELLO), ("HelloApi/dev", HELLO), ("PagesApi/blue", BLUE), ("PagesApi/green", GREEN)],
)
def test_an_api_has_its_logical_id_for_a_name_and_its_stage_where_it_has_several(
    name: str, chosen: Named
) -> None:
    assert choose_api(ALL, name) is chosen


def test_the_names_that_are_listed_choose_the_apis() -> None:
    names = [name_api(api, ALL) for api in ALL]
    assert names == ["HelloApi", "PagesApi/blue", "PagesApi/green"]
    assert [choose_api(ALL, name) for name in names] == [*ALL]


def test_without_a_name_the_only_one_that_fits_is_chosen() -> None:
    assert choose_api(ALL, None, lambda api: api.stage_name == "green") is GREEN


def test_the_only_api_of_a_template_is_chosen_whether_it_fits_or_not() -> None:
    assert choose_api([HELLO], None, lambda _: False) is HELLO


@pytest.mark.parametrize(
    ("name", "stage_name", "why"),
    [
        (None, "", "none of the APIs has it; choose one with --api: HelloApi, PagesApi/blue, PagesApi/green"),
        ("PagesApi", "", "several APIs would do; choose one with --api: PagesApi/blue, PagesApi/green"),
        ("Other", "", "--api Other: the template has no such API; it has HelloApi, PagesApi/blue"),
    ],
)
def test_what_is_not_clear_lists_the_apis(name: str | None, stage_name: str, why: str) -> None:
    with pytest.raises(UsageError, match=f"^{why}"):
        choose_api(ALL, name, lambda api: api.stage_name == stage_name)


def test_a_template_without_an_api_has_none_to_choose() -> None:
    with pytest.raises(UsageError, match="the template has no API"):
        choose_api([], None)

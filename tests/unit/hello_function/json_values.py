"""hypothesis strategies for JSON: whatever an event could hold where claims should stand."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=10,
)

no_objects: st.SearchStrategy[Any] = json_values.filter(lambda value: not isinstance(value, dict))

no_texts: st.SearchStrategy[Any] = json_values.filter(
    lambda value: value is not None and not isinstance(value, str)
)

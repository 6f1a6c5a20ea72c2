from tests.api.test_groups import *  # noqa: F403 - the very same tests, with this folder's fixtures

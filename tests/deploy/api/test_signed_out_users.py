from tests.api.test_signed_out_users import *  # noqa: F403 - the very same tests, with this folder's fixtures

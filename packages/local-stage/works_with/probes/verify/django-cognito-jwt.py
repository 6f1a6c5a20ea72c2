"""django-cognito-jwt: its token validator.

Set: Django's cache with the pool's keys, since it looks below AWS's issuer
"""

import json

from django.conf import settings
from given import fetch_keys, given, require_verifier

settings.configure(COGNITO_PUBLIC_KEYS_CACHING_ENABLED=True)

from django.core.cache import cache
from django_cognito_jwt.validator import TokenValidator

for key in fetch_keys()["keys"]:
    cache.set(f"django_cognito_jwt:{key['kid']}", json.dumps(key))
validator = TokenValidator(given["region"], given["pool"], given["public_client"])
require_verifier(validator.validate)

# schemathesis: the stage's OpenAPI document, each operation with a token.
#
# Set: --url, and --header with the token

set -eu
curl -sf "${REST%/dev}/.local-stage/openapi.json" >openapi.json
schemathesis run openapi.json --url "$REST" --header "Authorization: Bearer $ID_TOKEN" \
  --include-path-regex hono --checks response_schema_conformance --max-examples 5 --phases fuzzing

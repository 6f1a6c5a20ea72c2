# aws-cli: initiate-auth in version 2, and a function's event as raw JSON.
#
# Set: --endpoint-url here; from 2.13 on AWS_ENDPOINT_URL, or endpoint_url of a profile; --cli-binary-format for JSON

set -eu
export PYTHONPATH="$DEBIAN/usr/lib/python3/dist-packages" AWS_EC2_METADATA_DISABLED=true
unset AWS_ENDPOINT_URL
aws2() { python3.11 "$DEBIAN/usr/bin/aws" --no-cli-pager --endpoint-url "$AWS" "$@"; }
same() { test "$1" = "$2" || { echo "Error: $1, not $2"; exit 1; }; }
same "$(aws2 --version | cut -c 1-10)" aws-cli/2.
aws2 cognito-idp initiate-auth --client-id "$PUBLIC_CLIENT" --auth-flow USER_PASSWORD_AUTH \
  --auth-parameters "USERNAME=$USERNAME,PASSWORD=$PASSWORD" --query AuthenticationResult.IdToken --output text >token
call() { curl -s -o response -w '%{http_code}' "$REST/hono/caller?tag=a" "$@"; }
same "$(call)" 401
same "$(call -H "Authorization: $(cat token)")" 200
api=$(aws2 apigateway get-rest-apis --query 'items[0].id' --output text)
authorizer=$(aws2 apigateway get-authorizers --rest-api-id "$api" --query 'items[0].id' --output text)
tested=$(aws2 apigateway test-invoke-authorizer --rest-api-id "$api" --authorizer-id "$authorizer" \
  --headers "Authorization=$(cat token)" --query clientStatus --output text)
same "$tested" 0
function=$(aws2 lambda list-functions --query 'Functions[?contains(FunctionName, `Hono`)].FunctionName' --output text)
aws2 lambda invoke --function-name "$function" --cli-binary-format raw-in-base64-out --payload \
  '{"httpMethod": "GET", "path": "/other", "headers": {}, "requestContext": {}}' result >/dev/null
grep statusCode result

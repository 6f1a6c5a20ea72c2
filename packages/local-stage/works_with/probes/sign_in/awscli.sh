# awscli: initiate-auth, in version 1.
#
# Set: AWS_ENDPOINT_URL, and any region and keys

set -eu
aws cognito-idp initiate-auth --client-id "$PUBLIC_CLIENT" --auth-flow USER_PASSWORD_AUTH \
  --auth-parameters "USERNAME=$USERNAME,PASSWORD=$PASSWORD" --query AuthenticationResult.IdToken --output text >token
status=$(curl -s -o response -w '%{http_code}' -H "Authorization: $(cat token)" "$REST/hono/caller?tag=a")
test "$status" = 200

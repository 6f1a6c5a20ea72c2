// @aws-sdk/client-cognito-identity-provider: USER_PASSWORD_AUTH, and the refresh of its tokens.
//
// Set: endpoint, or AWS_ENDPOINT_URL

import { CognitoIdentityProviderClient, InitiateAuthCommand } from "@aws-sdk/client-cognito-identity-provider";

import { given, requireToken } from "../given.mjs";

const cognito = new CognitoIdentityProviderClient({ region: given.region, endpoint: given.aws });
const ask = async (AuthFlow, AuthParameters) =>
  (await cognito.send(new InitiateAuthCommand({ ClientId: given.public_client, AuthFlow, AuthParameters })))
    .AuthenticationResult;
const tokens = await ask("USER_PASSWORD_AUTH", { USERNAME: given.username, PASSWORD: given.password });
const again = await ask("REFRESH_TOKEN_AUTH", { REFRESH_TOKEN: tokens.RefreshToken });
await requireToken(again.IdToken);

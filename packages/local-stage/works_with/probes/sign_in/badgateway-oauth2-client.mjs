// @badgateway/oauth2-client: the code flow of a client with a secret.
//
// Set: authorizationEndpoint and tokenEndpoint

import { OAuth2Client } from "@badgateway/oauth2-client";

import { authorizeUrl, given, logIn, requireToken, tokenUrl } from "../given.mjs";

const client = new OAuth2Client({
  clientId: given.web_client,
  clientSecret: given.web_secret,
  authorizationEndpoint: authorizeUrl,
  tokenEndpoint: tokenUrl,
});
const redirectUri = given.callback;
const url = await client.authorizationCode.getAuthorizeUri({ redirectUri, state: "s", scope: ["openid", "email"] });
const tokens = await client.authorizationCode.getTokenFromCodeRedirect(await logIn(url), { redirectUri, state: "s" });
await requireToken(tokens.idToken ?? tokens.extraParams?.id_token);

// openid-client: the code flow with PKCE.
//
// Set: Configuration with the local AWS's endpoints and AWS's issuer; allowInsecureRequests, since it has no TLS

import * as oidc from "openid-client";

import { authorizeUrl, given, logIn, requireToken, tokenUrl } from "../given.mjs";

const server = {
  issuer: given.issuer,
  authorization_endpoint: authorizeUrl,
  token_endpoint: tokenUrl,
  jwks_uri: given.jwks,
};
const config = new oidc.Configuration(server, given.public_client, undefined, oidc.None());
oidc.allowInsecureRequests(config);
const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
const url = oidc.buildAuthorizationUrl(config, {
  redirect_uri: given.callback,
  scope: "openid email",
  code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: "S256",
});
const tokens = await oidc.authorizationCodeGrant(config, new URL(await logIn(url.href)), { pkceCodeVerifier });
await requireToken(tokens.id_token);

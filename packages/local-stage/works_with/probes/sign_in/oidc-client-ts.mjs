// oidc-client-ts: the code flow with PKCE, as a page does it.
//
// Set: metadata with the local AWS's endpoints and AWS's issuer

import { InMemoryWebStorage, OidcClient, WebStorageStateStore } from "oidc-client-ts";

import { authorizeUrl, given, logIn, requireToken, tokenUrl } from "../given.mjs";

const client = new OidcClient({
  authority: given.aws,
  client_id: given.public_client,
  redirect_uri: given.callback,
  scope: "openid email",
  metadata: { issuer: given.issuer, authorization_endpoint: authorizeUrl, token_endpoint: tokenUrl },
  stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
});
const { url } = await client.createSigninRequest({});
const signedIn = await client.processSigninResponse(await logIn(url));
await requireToken(signedIn.id_token);

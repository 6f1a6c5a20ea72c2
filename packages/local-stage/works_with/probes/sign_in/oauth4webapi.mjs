// oauth4webapi: a machine's token by client credentials.
//
// Set: the server's token_endpoint; allowInsecureRequests, since it has no TLS

import * as oauth from "oauth4webapi";

import { given, requireMachine, tokenUrl } from "../given.mjs";

const server = { issuer: given.issuer, token_endpoint: tokenUrl };
const client = { client_id: given.machine_client };
const secret = oauth.ClientSecretBasic(given.machine_secret);
const response = await oauth.clientCredentialsGrantRequest(server, client, secret, new URLSearchParams("scope=api/read"), {
  [oauth.allowInsecureRequests]: true,
});
requireMachine((await oauth.processClientCredentialsResponse(server, client, response)).access_token);

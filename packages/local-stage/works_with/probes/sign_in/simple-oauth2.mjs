// simple-oauth2: a machine's token by client credentials.
//
// Set: tokenHost and tokenPath

import { ClientCredentials } from "simple-oauth2";

import { given, requireMachine } from "../given.mjs";

const client = new ClientCredentials({
  client: { id: given.machine_client, secret: given.machine_secret },
  auth: { tokenHost: given.aws, tokenPath: "/oauth2/token" },
});
requireMachine((await client.getToken({ scope: "api/read" })).token.access_token);

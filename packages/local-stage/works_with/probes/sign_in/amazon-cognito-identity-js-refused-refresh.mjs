// amazon-cognito-identity-js: a refresh that the pool refuses, which it sends six times in as many seconds.
//
// Set: for a page that must not wait so long, a deadline of your own around refreshSession; nothing switches it off

import { CognitoRefreshToken, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";

import { given } from "../given.mjs";

const sent = [];
const send = globalThis.fetch;
globalThis.fetch = (address, options) => {
  sent.push(options.headers["X-Amz-Target"]);
  return send(address, options);
};
const pool = { UserPoolId: given.pool, ClientId: given.public_client, endpoint: given.aws };
const user = new CognitoUser({ Username: given.username, Pool: new CognitoUserPool(pool) });
const token = new CognitoRefreshToken({ RefreshToken: "eyJhbGciOiJSU0EtT0FFUCJ9.none.none.none.none" });
const error = await new Promise((resolve) => {
  user.refreshSession(token, (refused) => resolve(refused));
});
if (error?.code !== "NotAuthorizedException") throw new Error(`not refused: ${error}`);
if (sent.length !== 6) throw new Error(`sent ${sent.length} times`);

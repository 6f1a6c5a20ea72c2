// amazon-cognito-identity-js: an authenticator app set up, then its code after the password; no refresh by a flow.
//
// Set: endpoint of CognitoUserPool; it does not know GetTokensFromRefreshToken, which a rotating client needs

import { createHmac } from "node:crypto";

import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";

import { given } from "../given.mjs";

const LETTERS = "ABCDEFGHIJKLM" + "NOPQRSTUVWXYZ" + "234567"; // of base32
const TOTP = "SOFTWARE_TOKEN_MFA";

function makeCode(secret, later) {
  const bits = [...secret].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + later));
  const digest = createHmac("sha1", key).update(step).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1e6).padStart(6, "0");
}

const pool = { UserPoolId: given.guarded_pool, ClientId: given.guarded_client, endpoint: given.aws };
const newUser = () => new CognitoUser({ Username: "javascript", Pool: new CognitoUserPool(pool) });
const details = new AuthenticationDetails({ Username: "javascript", Password: given.password });

/** Fail unless the password alone leads to this callback. */
const authenticate = (user, expected) =>
  new Promise((resolve, reject) => {
    const others = { onSuccess: () => reject(new Error("tokens without the second factor")), onFailure: reject };
    user.authenticateUser(details, { ...others, [expected]: resolve });
  });

let user = newUser();
await authenticate(user, "mfaSetup");
const secret = await new Promise((associateSecretCode, onFailure) => {
  user.associateSoftwareToken({ associateSecretCode, onFailure });
});
const first = await new Promise((onSuccess, onFailure) => {
  user.verifySoftwareToken(makeCode(secret, 0), "app", { onSuccess, onFailure });
});
if (!first.getIdToken().getJwtToken()) throw new Error("no tokens after the set-up");
user = newUser();
await authenticate(user, "totpRequired");
const session = await new Promise((onSuccess, onFailure) => {
  user.sendMFACode(makeCode(secret, 1), { onSuccess, onFailure }, TOTP);
});
if (session.getIdToken().payload["cognito:username"] !== "javascript") throw new Error("another user");
const refused = await new Promise((resolve) => {
  user.refreshSession(session.getRefreshToken(), (error) => resolve(error));
});
if (!refused) throw new Error("a rotating client refreshes by a flow");

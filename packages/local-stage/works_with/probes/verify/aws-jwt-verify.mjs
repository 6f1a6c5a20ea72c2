// aws-jwt-verify: CognitoJwtVerifier for ID and access tokens.
//
// Set: cacheJwks with the key set, since it looks below AWS's issuer

import { CognitoJwtVerifier } from "aws-jwt-verify";

import { given, requireVerifier } from "../given.mjs";

for (const [tokenUse, token] of [["id", given.id_token], ["access", given.access_token]]) {
  const verifier = CognitoJwtVerifier.create({ userPoolId: given.pool, clientId: given.public_client, tokenUse });
  verifier.cacheJwks(await (await fetch(given.jwks)).json());
  await requireVerifier((one) => verifier.verify(one), token);
}

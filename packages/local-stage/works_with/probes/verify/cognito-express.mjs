// cognito-express: validates a token of the pool.
//
// Set: nothing helps: it fetches the keys below AWS's issuer only

import CognitoExpress from "cognito-express";

import { given, requireVerifier } from "../given.mjs";

const pool = { region: given.region, cognitoUserPoolId: given.pool, tokenUse: "id", tokenExpiration: 3600000 };
const verifier = new CognitoExpress(pool);
await requireVerifier((token) => verifier.validate(token));

// jsonwebtoken: with jwks-rsa for the keys.
//
// Set: jwksUri

import jwt from "jsonwebtoken";
import jwksClient from "jwks-rsa";

import { given, requireVerifier } from "../given.mjs";

const keys = jwksClient({ jwksUri: given.jwks });
const findKey = ({ kid }, done) => keys.getSigningKey(kid, (error, key) => done(error, key?.getPublicKey()));
const options = { algorithms: ["RS256"], audience: given.public_client, issuer: given.issuer };
await requireVerifier(
  (token) =>
    new Promise((resolve, reject) => {
      jwt.verify(token, findKey, options, (error, claims) => (error ? reject(error) : resolve(claims)));
    }),
);

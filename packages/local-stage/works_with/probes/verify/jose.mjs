// jose: createRemoteJWKSet, with audience and issuer.
//
// Set: the address of the key set

import { createRemoteJWKSet, jwtVerify } from "jose";

import { given, requireVerifier } from "../given.mjs";

const keys = createRemoteJWKSet(new URL(given.jwks));
await requireVerifier((token) => jwtVerify(token, keys, { audience: given.public_client, issuer: given.issuer }));

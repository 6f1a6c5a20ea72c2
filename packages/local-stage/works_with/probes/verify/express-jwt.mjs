// express-jwt: an Express middleware, with jwks-rsa for the keys.
//
// Set: jwksUri

import express from "express";
import { expressjwt } from "express-jwt";
import jwks from "jwks-rsa";

import { given } from "../given.mjs";
import { requireGuard } from "../serving.mjs";

const secret = jwks.expressJwtSecret({ jwksUri: given.jwks, cache: true });
const guard = expressjwt({ secret, algorithms: ["RS256"], audience: given.public_client, issuer: given.issuer });
await requireGuard(express().get("/", guard, (request, response) => response.json(request.auth.sub)));

// express-oauth2-jwt-bearer: Auth0's Express middleware.
//
// Set: jwksUri and issuer, instead of issuerBaseURL

import express from "express";
import { auth } from "express-oauth2-jwt-bearer";

import { given } from "../given.mjs";
import { requireGuard } from "../serving.mjs";

const guard = auth({ jwksUri: given.jwks, issuer: given.issuer, audience: given.public_client });
await requireGuard(express().get("/", guard, (request, response) => response.json(request.auth.payload.sub)));

// passport-jwt: a strategy of Passport, with jwks-rsa for the keys.
//
// Set: jwksUri

import express from "express";
import jwks from "jwks-rsa";
import passport from "passport";
import { ExtractJwt, Strategy } from "passport-jwt";

import { given } from "../given.mjs";
import { requireGuard } from "../serving.mjs";

const options = {
  jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
  secretOrKeyProvider: jwks.passportJwtSecret({ jwksUri: given.jwks }),
  audience: given.public_client,
  issuer: given.issuer,
  algorithms: ["RS256"],
};
passport.use(new Strategy(options, (claims, done) => done(null, claims)));
const guard = passport.authenticate("jwt", { session: false });
await requireGuard(express().get("/", guard, (request, response) => response.json(request.user.sub)));

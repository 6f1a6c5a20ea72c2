// fastify-jwt-jwks: a plugin of Fastify.
//
// Set: jwksUrl, issuer and audience

import Fastify from "fastify";
import jwks from "fastify-jwt-jwks";

import { given, requireVerifier } from "../given.mjs";

const app = Fastify();
await app.register(jwks, { jwksUrl: given.jwks, issuer: given.issuer, audience: given.public_client });
app.get("/", { preValidation: app.authenticate }, (request) => request.user.sub);
await requireVerifier(async (token) => {
  const response = await app.inject({ url: "/", headers: { authorization: `Bearer ${token}` } });
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${response.body}`);
});

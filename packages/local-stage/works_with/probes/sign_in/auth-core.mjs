// @auth/core: Auth.js, next-auth's successor: the code flow with its provider for Cognito.
//
// Set: authorization, token and jwks_endpoint of the provider with the local AWS's URLs

import { Auth } from "@auth/core";
import Cognito from "@auth/core/providers/cognito";

import { given, logIn, requireToken, tokenUrl } from "../given.mjs";

const site = new URL(given.callback).origin;
let idToken;
const config = {
  secret: "only-for-this-machine",
  trustHost: true,
  basePath: "/auth",
  providers: [
    Cognito({
      clientId: given.web_client,
      clientSecret: given.web_secret,
      issuer: given.issuer,
      authorization: { url: `${given.aws}/oauth2/authorize`, params: { scope: "openid email" } },
      token: tokenUrl,
      userinfo: `${given.aws}/oauth2/userInfo`,
      jwks_endpoint: given.jwks,
    }),
  ],
  callbacks: { jwt: ({ token, account }) => ((idToken = account?.id_token ?? idToken), token) },
};
const cookies = new Map();
async function visit(path, body) {
  const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
  if (body) headers["content-type"] = "application/x-www-form-urlencoded";
  const request = new Request(site + path, { method: body ? "POST" : "GET", headers, body: body?.toString() });
  const response = await Auth(request, config);
  for (const cookie of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
    cookies.set(name, value);
  }
  return response;
}
const { csrfToken } = await (await visit("/auth/csrf")).json();
const redirect = await visit("/auth/signin/cognito", new URLSearchParams({ csrfToken }));
const back = new URL(await logIn(redirect.headers.get("location")));
await visit(back.pathname + back.search);
await requireToken(idToken);

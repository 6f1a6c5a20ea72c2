import middy from "@middy/core";

import { BYTES, COOKIES, describe, ORIGIN, readCookies } from "./caller.js";

const headers = { "Access-Control-Allow-Origin": ORIGIN };

// Middy hands on the event as it is: a REST API's and an HTTP API's are read differently.
export const handler = middy(async (event) => {
  const isHttp = event.version === "2.0";
  const path = isHttp ? event.rawPath : event.path;
  switch (path) {
    case "/middy/caller": {
      const tags = isHttp ? event.queryStringParameters.tag.split(",") : event.multiValueQueryStringParameters.tag;
      return respond(describe(event, path, tags));
    }
    case "/middy/cookies": {
      const sent = readCookies(isHttp ? event.cookies.join("; ") : event.headers.cookie ?? event.headers.Cookie);
      const cookies = isHttp ? { cookies: COOKIES } : { multiValueHeaders: { "Set-Cookie": COOKIES } };
      return { ...respond(sent), ...cookies };
    }
    case "/middy/binary": {
      const type = { ...headers, "Content-Type": "application/octet-stream" };
      return { statusCode: 200, headers: type, body: BYTES.toString("base64"), isBase64Encoded: true };
    }
    default:
      return respond(Buffer.from(event.body, event.isBase64Encoded ? "base64" : "utf8").length);
  }
});

function respond(content) {
  return { statusCode: 200, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(content) };
}

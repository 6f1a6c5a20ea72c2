// openapi-fetch: a client of the API by its OpenAPI document's paths.
//
// Set: baseUrl with the stage's name, and the header

import createClient from "openapi-fetch";

import { given } from "../given.mjs";

const client = createClient({ baseUrl: given.rest, headers: { Authorization: `Bearer ${given.id_token}` } });
const params = { path: { "proxy+": "caller" }, query: { tag: ["a", "b"] } };
const { data, response } = await client.GET("/hono/{proxy+}", { params });
if (response.status !== 200 || data.caller !== given.username || data.tags.length !== 2) {
  throw new Error(`${response.status} ${JSON.stringify(data)}`);
}

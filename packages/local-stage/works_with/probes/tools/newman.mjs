// newman: a collection of Postman with a bearer token, and without one.
//
// Set: the collection's variables

import newman from "newman";

import { given } from "../given.mjs";

const expect = (status) => [
  { listen: "test", script: { exec: [`pm.test("status", () => pm.response.to.have.status(${status}))`] } },
];
const url = "{{url}}/hono/caller?tag=a";
const auth = { type: "bearer", bearer: [{ key: "token", value: "{{token}}", type: "string" }] };
const collection = {
  info: { name: "stage", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: [
    { name: "with a token", event: expect(200), request: { method: "GET", url, auth } },
    { name: "without", event: expect(401), request: { method: "GET", url } },
  ],
};
const envVar = [{ key: "url", value: given.rest }, { key: "token", value: given.id_token }];
const summary = await new Promise((resolve, reject) => {
  newman.run({ collection, envVar }, (error, done) => (error ? reject(error) : resolve(done)));
});
if (summary.run.failures.length || summary.run.stats.assertions.total !== 2) throw new Error(String(summary.run.failures[0]?.error));

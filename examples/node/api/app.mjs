// @ts-check
// Notes that everybody who has signed in reads, and that editors write.

import { findCaller, isMember } from "./caller.mjs";

/** @typedef {import("./caller.mjs").ProxyEvent} ProxyEvent */
/** @typedef {{statusCode: number, headers: Record<string, string>, body: string}} ProxyResponse */

/** Say who calls. @param {ProxyEvent} event */
export const describeCaller = async (event) => respond(200, findCaller(event));

/** Take a note of an editor. @param {ProxyEvent} event */
export const writeNote = async (event) => {
  const caller = findCaller(event);
  if (!isMember(caller, "editors")) {
    return respond(403, { message: "only members of the group editors may do this" });
  }
  const text = readText(event.body);
  return text === undefined
    ? respond(400, { message: 'send {"text": "…"}' })
    : respond(201, { text, by: caller.username });
};

/** @param {string | null} body @returns {string | undefined} */
function readText(body) {
  try {
    const { text } = JSON.parse(body ?? "");
    return typeof text === "string" ? text : undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} statusCode @param {unknown} content @returns {ProxyResponse} */
function respond(statusCode, content) {
  const headers = {
    "Content-Type": "application/json",
    "Access-Control-Allow-Origin": process.env.ALLOWED_ORIGIN ?? "",
  };
  return { statusCode, headers, body: JSON.stringify(content) };
}

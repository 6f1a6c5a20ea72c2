// @ts-check
// Who calls: the authorizer has checked the token, and the event has its claims.

/**
 * The claims of an ID token as a REST API hands them on: every one is a text, `exp` and `cognito:groups` too.
 * @typedef {object} Claims
 * @property {string} sub
 * @property {string} cognito:username
 * @property {string} exp `Sun Nov 29 14:00:00 UTC 2026`
 * @property {string} [email]
 * @property {"true" | "false"} [email_verified]
 * @property {string} [cognito:groups] `editors,readers`
 */

/** @typedef {{requestContext: {authorizer?: {claims?: Claims}}, body: string | null}} ProxyEvent */
/** @typedef {{sub: string, username: string, groups: string[]}} Caller */

/**
 * Return the caller. Throws where no authorizer has run in front of the function; the response is a 502 then.
 * @param {ProxyEvent} event
 * @returns {Caller}
 */
export function findCaller(event) {
  const claims = event.requestContext.authorizer?.claims;
  if (!claims) throw new Error("no claims: no authorizer has run in front of the function");
  const groups = claims["cognito:groups"];
  return { sub: claims.sub, username: claims["cognito:username"], groups: groups ? groups.split(",") : [] };
}

/** @param {Caller} caller @param {string} group */
export const isMember = (caller, group) => caller.groups.includes(group);

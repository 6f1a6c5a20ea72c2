// What each framework's application returns, and where both kinds of API put the caller's claims.

export const BYTES = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
export const ORIGIN = "http://localhost:5173";
export const COOKIES = ["first=1", "second=2"];

export function describe(event, path, tags) {
  const { authorizer } = event.requestContext;
  return { caller: (authorizer.jwt ?? authorizer).claims["cognito:username"], path, tags: [tags].flat() };
}

export const readCookies = (header = "") =>
  Object.fromEntries(header.split(/; */).map((pair) => pair.split("=")));

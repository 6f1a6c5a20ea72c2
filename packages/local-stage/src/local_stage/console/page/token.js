// Reads tokens without judging them: that is the stage's part.

function decode(part) {
  const base64 = part.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Return the claims of a token, or null where it has none that can be read. */
export function readClaims(token) {
  try {
    return decode(token.split(".")[1]);
  } catch {
    return null;
  }
}

/** Return the token with one letter of its signature changed. */
export function breakToken(token) {
  const place = token.lastIndexOf(".") + 10;
  const other = token[place] === "A" ? "B" : "A";
  return token.slice(0, place) + other + token.slice(place + 1);
}

/** Return a token as it can be shown: the beginning and the end. */
export function shorten(token) {
  return token.length > 40 ? `${token.slice(0, 18)}…${token.slice(-8)}` : token;
}

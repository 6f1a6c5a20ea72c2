// autocannon: eight connections for five seconds, with a token.
//
// Set: headers

import autocannon from "autocannon";

import { given } from "../given.mjs";

const headers = { authorization: `Bearer ${given.id_token}` };
const result = await autocannon({ url: `${given.rest}/hono/caller?tag=a`, connections: 8, duration: 5, headers });
if (result.non2xx || result.errors || !result["2xx"]) throw new Error(`${result.non2xx} refused of ${result.requests.total}`);

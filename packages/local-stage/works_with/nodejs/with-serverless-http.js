import serverless from "serverless-http";

import { makeApp } from "./express-app.js";

const app = makeApp(["/serverless-http"], (request) => request.apiGateway.event);

export const handler = serverless(app, { binary: ["application/octet-stream"] });

import serverlessExpress from "@codegenie/serverless-express";

import { makeApp } from "./express-app.js";

const { getCurrentInvoke } = serverlessExpress;

// Behind a REST API the adapter hands on what `{proxy+}` matched, and behind an HTTP API the whole path.
const prefixes = ["/serverless-express", "/"];
const app = makeApp(prefixes, () => getCurrentInvoke().event);

export const handler = serverlessExpress({
  app,
  binarySettings: { contentTypes: ["application/octet-stream"] },
});

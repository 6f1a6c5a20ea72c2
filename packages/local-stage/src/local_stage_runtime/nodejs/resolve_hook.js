// Finds for `import` what NODE_PATH names: https://nodejs.org/api/module.html#resolvespecifier-context-nextresolve

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    const isPackage = error?.code === "ERR_MODULE_NOT_FOUND" && !/^[./]|^file:/.test(specifier);
    if (!isPackage || !context.parentURL) {
      throw error;
    }
    return nextResolve(findByPath(specifier, context.parentURL, error), context);
  }
}

function findByPath(specifier, parent, error) {
  try {
    return pathToFileURL(createRequire(parent).resolve(specifier)).href;
  } catch {
    throw error;
  }
}

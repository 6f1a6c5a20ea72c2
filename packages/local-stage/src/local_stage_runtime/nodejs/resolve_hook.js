// Finds for `import` what NODE_PATH names: https://nodejs.org/api/module.html#resolvespecifier-context-nextresolve

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    const isPackage = error?.code === "ERR_MODULE_NOT_FOUND" && !/^[./]|^file:/.test(specifier);
    if (!isPackage || !context.parentURL) {
      throw error;
    }
    const parentURL = findParent(specifier);
    // As `import` finds a package: many have an entry for it alone, which `require` would not see.
    return parentURL
      ? nextResolve(specifier, { ...context, parentURL })
      : nextResolve(findByPath(specifier, context.parentURL, error), context);
  }
}

function findParent(specifier) {
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const holdsPackage = (folder) => basename(folder) === "node_modules" && existsSync(join(folder, name));
  const folder = (process.env.NODE_PATH ?? "").split(delimiter).find(holdsPackage);
  return folder && pathToFileURL(join(dirname(folder), "index.js")).href;
}

function findByPath(specifier, parent, error) {
  try {
    return pathToFileURL(createRequire(parent).resolve(specifier)).href;
  } catch {
    throw error;
  }
}

// Finds the function that `Handler` names: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html

import fs from "node:fs";
import module from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { RuntimeError } from "./function_error.js";

const require = module.createRequire(import.meta.url);

/**
 * Loads the handler's module and returns its function.
 *
 * Throws a RuntimeError with Lambda's error types, and whatever else the module throws while it is loaded.
 */
export async function loadHandler(taskRoot, name, { isAsync }) {
  const { folder, file, exported } = parse(name);
  const loaded = await loadModule(taskRoot, folder, file, isAsync);
  const handler = find(loaded, exported) ?? (isAsync ? find(loaded.default, exported) : undefined);
  if (handler === undefined) {
    throw new RuntimeError("Runtime.HandlerNotFound", `${name} is undefined or not exported`);
  }
  if (typeof handler !== "function") {
    throw new RuntimeError("Runtime.HandlerNotFound", `${name} is not a function`);
  }
  return handler;
}

function parse(name) {
  if (name.includes("..")) {
    const why = `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`;
    throw new RuntimeError("Runtime.MalformedHandlerName", why);
  }
  const base = path.basename(name);
  const parts = /^([^.]*)\.(.*)$/.exec(base);
  if (parts === null) {
    throw new RuntimeError("Runtime.MalformedHandlerName", "Bad handler");
  }
  return { folder: name.slice(0, name.indexOf(base)), file: parts[1], exported: parts[2] };
}

async function loadModule(taskRoot, folder, file, isAsync) {
  const place = path.resolve(taskRoot, folder, file);
  try {
    const found = ["", ".js", ".mjs", ".cjs"].map((end) => place + end).find(isFile);
    if (found !== undefined) {
      return await load(found, isAsync);
    }
    const paths = [taskRoot, path.join(taskRoot, folder)];
    return await load(require.resolve(file.startsWith(".") ? file : `./${file}`, { paths }), isAsync);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new RuntimeError("Runtime.UserCodeSyntaxError", String(error));
    }
    if (error?.code === "MODULE_NOT_FOUND") {
      throw new RuntimeError("Runtime.ImportModuleError", String(error));
    }
    throw error;
  }
}

function isFile(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

async function load(file, isAsync) {
  const isModule = file.endsWith(".mjs") || (file.endsWith(".js") && isOfModuleType(path.dirname(file)));
  if (!isAsync && !isModule) {
    return require(file);
  }
  findPackagesOfLayers();
  return import(pathToFileURL(file).href);
}

function isOfModuleType(folder) {
  for (let at = folder; path.basename(at) !== "node_modules"; at = path.dirname(at)) {
    const file = path.join(at, "package.json");
    if (isFile(file)) {
      return JSON.parse(fs.readFileSync(file, "utf8")).type === "module";
    }
    if (at === path.dirname(at)) {
      break;
    }
  }
  return false;
}

// Node.js itself ignores NODE_PATH for `import`; Lambda's finds the packages of layers and the AWS SDK there.
function findPackagesOfLayers() {
  if (process.env.NODE_PATH) {
    module.register?.("./resolve_hook.js", import.meta.url);
  }
}

function find(holder, exported) {
  return exported.split(".").reduce((at, name) => at?.[name], holder);
}

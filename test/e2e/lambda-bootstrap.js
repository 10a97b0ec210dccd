/**
 * Runs inside the child process that stands for one Lambda invocation: loads the deployed handler as the Node.js runtime
 * does, gives it the event from standard input and a context, and writes the outcome to file descriptor 3.
 */
const { existsSync, readFileSync, writeSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

const [folder, handler, deadline, clockShift] = process.argv.slice(2);
const [file, name] = handler.split(/\.(?=[^.]+$)/);

const shift = Number(clockShift);
if (shift !== 0) {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) {
      super(...(given.length > 0 ? given : [Real.now() + shift]));
    }
    static now() {
      return Real.now() + shift;
    }
  };
}

async function main() {
  const path = ["js", "mjs", "cjs"].map((end) => join(folder, `${file}.${end}`)).find(existsSync);
  if (path === undefined) throw new Error(`Runtime.ImportModuleError: no ${file}.js, .mjs or .cjs in the package`);
  const loaded = await import(pathToFileURL(path).href);
  const call = loaded[name] ?? loaded.default?.[name];
  if (typeof call !== "function") throw new Error(`Runtime.HandlerNotFound: ${handler} is undefined or not exported`);
  return call(JSON.parse(readFileSync(0, "utf8")), {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    getRemainingTimeInMillis: () => Number(deadline) + shift - Date.now(),
  });
}

main()
  .then((value) => ({ result: value === undefined ? null : value }))
  .catch((error) => ({
    error: { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split("\n") },
  }))
  .then((outcome) => {
    writeSync(3, JSON.stringify(outcome));
    process.exit(0);
  });

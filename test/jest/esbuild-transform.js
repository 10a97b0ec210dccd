const { transformSync } = require("esbuild");

/**
 * Lets jest run TypeScript, and the dependencies that ship ES modules only. esbuild is here anyway (it bundles the broker)
 * and publishes a binary for every platform that Node has.
 */
module.exports = {
  process: (source, filename) =>
    transformSync(source, {
      loader: filename.endsWith("ts") ? "ts" : "js",
      format: "cjs",
      target: "node20",
      sourcemap: "inline",
      sourcefile: filename,
    }),
};

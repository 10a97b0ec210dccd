// The pinned AWS SDK runs on Node 20; its notice about versions to come is for whoever updates it. Workers inherit this.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  // Not a measure of anything: it ends what hangs, and a busy machine is slower by much.
  testTimeout: 60_000,
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: [
    "/node_modules/",
    "/dist/",
    "/cdktf.out/",
    "<rootDir>/test/(e2e|edge|edge-agent/kills|edge-vm|faults|image|nft|peers|report|review|terraform)/",
  ],
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/cdktf.out/"],
  transform: { "\\.[cm]?[jt]s$": "<rootDir>/test/jest/esbuild-transform.js" },
  // These ship ES modules only; jest's module loader needs them transformed.
  transformIgnorePatterns: ["/node_modules/(?!(aedes|@inquirer|listr2|yoctocolors)/)"],
};

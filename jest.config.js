/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  testMatch: ["**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/dist/", "/cdktf.out/", "<rootDir>/test/(e2e|image|peers|terraform)/"],
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/cdktf.out/"],
  transform: { "\\.[cm]?[jt]s$": "<rootDir>/test/jest/esbuild-transform.js" },
  // These ship ES modules only; jest's module loader needs them transformed.
  transformIgnorePatterns: ["/node_modules/(?!(aedes|@inquirer|listr2|yoctocolors)/)"],
};

/** @type {import("jest").Config} */
module.exports = {
  ...require("../../jest.config.js"),
  rootDir: "../..",
  testMatch: ["<rootDir>/test/image/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/dist/"],
  // Names every missing program at once, before the first build.
  globalSetup: "<rootDir>/test/image/require-tools.ts",
  // An image is built and containers are started: one after the other.
  maxWorkers: 1,
  testTimeout: 120_000,
};

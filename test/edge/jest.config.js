/** @type {import("jest").Config} */
module.exports = {
  ...require("../../jest.config.js"),
  rootDir: "../..",
  testMatch: ["<rootDir>/test/edge/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/dist/"],
  // Names every missing program at once, then builds the image that all of them use.
  globalSetup: "<rootDir>/test/edge/global-setup.ts",
  globalTeardown: "<rootDir>/test/edge/global-teardown.ts",
  // One device, one network at a time.
  maxWorkers: 1,
  testTimeout: 180_000,
};

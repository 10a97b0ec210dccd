/** The report in a real browser: `npm run test:report`. @type {import("jest").Config} */
module.exports = {
  ...require("../../jest.config.js"),
  rootDir: "../..",
  roots: ["<rootDir>/test/report"],
  testPathIgnorePatterns: ["/node_modules/"],
  // A browser is a dozen processes, and the machine may be busy.
  testTimeout: 60_000,
  maxWorkers: 1,
};

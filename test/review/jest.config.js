/** Real commits of a git repository of its own, reviewed: `npm run test:review`. Needs git. @type {import("jest").Config} */
module.exports = {
  ...require("../../jest.config.js"),
  rootDir: "../..",
  roots: ["<rootDir>/test/review"],
  testPathIgnorePatterns: ["/node_modules/"],
  // Each review synthesizes two trees in processes of their own, and the machine may be busy.
  testTimeout: 180_000,
  maxWorkers: 1,
};

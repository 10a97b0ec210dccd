const base = require("../../../jest.config.js");

/** The long suite of kills, apart from `npm test`. */
module.exports = {
  ...base,
  rootDir: "../../..",
  testMatch: ["<rootDir>/test/edge-agent/kills/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
};

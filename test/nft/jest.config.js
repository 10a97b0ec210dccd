const base = require("../../jest.config.js");

/** Needs nft and the right to make a user namespace with a network of its own: `npm run test:nft`. */
module.exports = {
  ...base,
  rootDir: "../..",
  testMatch: ["<rootDir>/test/nft/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
};

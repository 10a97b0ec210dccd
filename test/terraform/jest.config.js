/** The suite of `npm run validate`: it needs Terraform and the AWS provider, so `npm test` leaves it out. */
module.exports = {
  ...require("../../jest.config.js"),
  rootDir: "../..",
  testMatch: ["<rootDir>/test/terraform/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  // Milliseconds: the provider alone takes several seconds to start.
  testTimeout: 120_000,
};

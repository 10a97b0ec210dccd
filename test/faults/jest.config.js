/** Breaks brokers, disks and the lease on purpose: `npm run test:faults`. @type {import("jest").Config} */
module.exports = {
  ...require("../../jest.config.js"),
  rootDir: "../..",
  roots: ["<rootDir>/test/faults"],
  testPathIgnorePatterns: ["/node_modules/"],
  testTimeout: 180_000,
  // Every scenario mostly waits for a lease to run out.
  maxWorkers: process.env["DMZ_FAULTS"] === "full" ? 1 : 2,
};

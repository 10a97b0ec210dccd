/** Breaks brokers, disks and the lease on purpose: `npm run test:faults`. @type {import("jest").Config} */
module.exports = {
  ...require("../../jest.config.js"),
  rootDir: "../..",
  roots: ["<rootDir>/test/faults"],
  // The virtual machine of the NFS form is emulated where there is no KVM: minutes, so in the full run alone.
  testPathIgnorePatterns: ["/node_modules/", ...(process.env["DMZ_FAULTS"] === "full" ? [] : ["nfs\\.test"])],
  testTimeout: 180_000,
  // Every scenario mostly waits for a lease to run out.
  maxWorkers: process.env["DMZ_FAULTS"] === "full" ? 1 : 2,
};

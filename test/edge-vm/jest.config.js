/** @type {import("jest").Config} */
module.exports = {
  ...require("../../jest.config.js"),
  rootDir: "../..",
  // Updates take seven more starts by each firmware: with DMZ_EDGE_FULL=1.
  testMatch: [`<rootDir>/test/edge-vm/${process.env.DMZ_EDGE_FULL === "1" ? "*" : "{bios-loader,boot}"}.test.ts`],
  testPathIgnorePatterns: ["/node_modules/", "/dist/"],
  globalSetup: "<rootDir>/test/edge-vm/global-setup.ts",
  maxWorkers: 1,
  // A machine in software takes its time, and so does one that shares its processor.
  testTimeout: 900_000,
};

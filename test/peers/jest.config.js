/** The broker against software that is not ours: `npm run test:peers`. @type {import("jest").Config} */
module.exports = {
  ...require("../../jest.config.js"),
  rootDir: "../..",
  roots: ["<rootDir>/test/peers"],
  testPathIgnorePatterns: ["/node_modules/"],
  // Clients are processes, and the machine may be busy.
  testTimeout: 60_000,
  // testssl and mosquitto one after the other: two cores are shared.
  maxWorkers: 1,
};

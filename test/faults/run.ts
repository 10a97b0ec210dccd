import { spawnSync } from "node:child_process";
import { join } from "node:path";

/**
 * `npm run test:faults [-- --full] [jest's options]`: the scenarios with the few rounds of CI, or all of them; `--full` also
 * writes what they counted to bench/results/faults.json.
 */
const options = process.argv.slice(2).filter((option) => option !== "--full");
const full = process.argv.includes("--full");
const jest = join(__dirname, "../../node_modules/jest/bin/jest.js");
const { status } = spawnSync(process.execPath, [jest, "--config", join(__dirname, "jest.config.js"), ...options], {
  stdio: "inherit",
  env: { ...process.env, DMZ_FAULTS: full ? "full" : "ci" },
});
process.exitCode = status ?? 1;

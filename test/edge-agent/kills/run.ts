import { spawnSync } from "node:child_process";

// jest knows no options but its own.
const arguments_ = process.argv.slice(2).filter((argument) => argument !== "--full");
const full = arguments_.length < process.argv.length - 2;
const { status } = spawnSync(
  process.execPath,
  [require.resolve("jest/bin/jest"), "--config", "test/edge-agent/kills/jest.config.js", ...arguments_],
  { stdio: "inherit", env: { ...process.env, ...(full && { DMZ_KILLS: "full" }) } },
);
process.exitCode = status ?? 1;

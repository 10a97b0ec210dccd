import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { build } from "esbuild";
import { startEmulator, type Emulator } from "../e2e/emulator";
import { bundles } from "./bundles";
import { expectKept } from "./expect-kept";
import type { Account } from "./ledger";
import { runOnNfs } from "./nfs-guest";
import { report } from "./report";

const built = bundles();
let work: string;
let emulator: Emulator | undefined;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "dmz-nfs-"));
});
afterEach(async () => {
  await emulator?.stop();
  rmSync(work, { recursive: true });
});

test("on a real NFS 4.1 mount kills and hand-overs lose nothing that was acknowledged", async () => {
  emulator = await startEmulator("123456789012");
  const app = join(work, "app");
  mkdirSync(app);
  cpSync(built.broker, join(app, "broker.cjs"));
  cpSync(join(built.broker, "../prebuilds"), join(app, "prebuilds"), { recursive: true });
  await build({
    entryPoints: [join(__dirname, "nfs-scenario.ts")],
    outfile: join(app, "scenario.cjs"),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    logLevel: "warning",
  });
  const kills = 2;
  // The host's loopback, as the machine's network sees it.
  const url = emulator.url.replace("127.0.0.1", "10.0.2.2");
  const lines = await runOnNfs(
    work,
    app,
    `node /app/scenario.cjs /mnt /app/broker.cjs ${url} ${kills}`,
    420_000 + kills * 60_000,
  );
  const line = lines.find((each) => each.startsWith("NFS-RESULT "));
  if (!line) throw new Error(lines.slice(-30).join("\n"));
  expect(lines.some((each) => / \/mnt nfs4 .*vers=4\.1/.test(each))).toBe(true);
  const { account, figures } = JSON.parse(line.slice("NFS-RESULT ".length)) as {
    account: Account;
    figures: { syncMs: { p50: number; p99: number }; killed: { longestS: number }; handedOver: { longestS: number } };
  };
  const { syncMs, killed, handedOver } = figures;
  await report("NFS 4.1", account, {
    kills,
    killLongestS: killed.longestS,
    handOverLongestS: handedOver.longestS,
    syncP50Ms: syncMs.p50,
    syncP99Ms: syncMs.p99,
  });
  expectKept(account);
}, 900_000);

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { EDGE_NODE_FLAGS, EDGE_PATHS, EDGE_UNIT, EDGE_USER } from "../../policy/edge-device";

const unitSettings = (unit: string) => {
  const text = readFileSync(join(__dirname, "../../edge-image/rootfs/usr/lib/systemd/system", unit), "utf8");
  return (key: string): readonly string[] =>
    [...text.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value]) => value!);
};
const settings = unitSettings(EDGE_UNIT);

test("the device starts its agent with the flags that its memory was measured with, and no others", () => {
  expect(settings("ExecStart")).toEqual([`/usr/bin/node ${EDGE_NODE_FLAGS.join(" ")} ${EDGE_PATHS.agent}`]);
  expect(settings("Environment").join(" ").split(" ").sort()).toEqual(["MALLOC_ARENA_MAX=1", "NODE_ENV=production"]);
});

test("the device's agent runs as the account that the firewall lets out", () => {
  expect(settings("User")).toEqual([EDGE_USER.name]);
});

describe("what writes an update as root", () => {
  const installer = unitSettings("dmz-update.service");

  test.each<readonly [key: string, value: string]>([
    ["ProtectSystem", "strict"],
    ["PrivateNetwork", "yes"],
    ["RestrictAddressFamilies", "AF_UNIX"],
    ...["NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateIPC", "RestrictNamespaces", "RestrictRealtime"].map(
      (key) => [key, "yes"] as const,
    ),
    ...["Tunables", "Modules", "Logs"].map((what) => [`ProtectKernel${what}`, "yes"] as const),
    ...["ControlGroups", "Clock", "Hostname"].map((what) => [`Protect${what}`, "yes"] as const),
  ])("has %s=%s", (...[key, value]) => {
    expect(installer(key)).toEqual([value]);
  });

  test("writes where it must and nowhere else: its lock and mount point, and the agent's spool", () => {
    expect(installer("ReadWritePaths")).toEqual([`/run ${EDGE_PATHS.update}`]);
    // Every other path of its code is read, or a partition below /dev.
    const sources = ["main.ts", "take-update.ts", "install-update.ts", "boot-partition.ts", "write-whole.ts"]
      .map((file) => readFileSync(join(__dirname, "../../edge-image/slot", file), "utf8"))
      .join("\n");
    const paths = [...sources.matchAll(/["'`](\/[a-z][\w/-]*)/g)].map(([, path]) => path!);
    expect(paths.filter((path) => !/^\/(run|dev)\//.test(path))).toEqual([]);
  });

  test("may do what it is for: mount, write a partition, give a file to the agent, restart", () => {
    expect(installer("SystemCallFilter")).toEqual([expect.stringMatching(/^~/)]);
    expect(installer("SystemCallFilter")[0]).not.toMatch(/@mount|@file-system|@chown/);
    expect(installer("PrivateDevices")).toEqual([]);
    expect(installer("MemoryDenyWriteExecute")).toEqual([]);
    const capabilities = installer("CapabilityBoundingSet").join(" ").split(" ").sort();
    expect(capabilities).toEqual(["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_SYS_ADMIN", "CAP_SYS_BOOT"]);
  });
});

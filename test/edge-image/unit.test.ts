import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { EDGE_NODE_FLAGS, EDGE_PATHS, EDGE_UNIT, EDGE_USER } from "../../policy/edge-device";

const unit = readFileSync(join(__dirname, "../../edge-image/rootfs/usr/lib/systemd/system", EDGE_UNIT), "utf8");
const settings = (key: string): readonly string[] =>
  [...unit.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map(([, value]) => value!);

test("the device starts its agent with the flags that its memory was measured with, and no others", () => {
  expect(settings("ExecStart")).toEqual([`/usr/bin/node ${EDGE_NODE_FLAGS.join(" ")} ${EDGE_PATHS.agent}`]);
  expect(settings("Environment").join(" ").split(" ").sort()).toEqual(["MALLOC_ARENA_MAX=1", "NODE_ENV=production"]);
});

test("the device's agent runs as the account that the firewall lets out", () => {
  expect(settings("User")).toEqual([EDGE_USER.name]);
});

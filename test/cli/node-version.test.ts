import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const DMZ = JSON.stringify(join(__dirname, "..", "..", "cli", "dmz.js"));

test.each(["16.20.2", "18.20.0", "20.18.3"])(
  "Node %s is refused in words, before anything newer is parsed",
  (version) => {
    const script = `Object.defineProperty(process.versions, "node", { value: "${version}" }); require(${DMZ});`;
    const { status, stderr, stdout } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(new RegExp(`^dmz: Node\\.js 20\\.19 or newer is needed, this is ${version};.*\\n$`));
  },
);

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containerImage } from "../../cli/edge/container-image";
import { version } from "../../package.json";
import { AGENT_FORM } from "../../cli/image/image-form";
import { buildAgent } from "../../edge-image/agent/build";
import riverside from "../../sites/riverside";
import type { Metafile } from "../../cli/image/npm-components";
import { builtImage } from "./built-image";
import { type LoadedImage, loadImage } from "./load-image";
import { runContainer } from "./run-container";

const root = mkdtempSync(join(tmpdir(), "dmz-agent-image-"));
chmodSync(root, 0o755);
afterAll(() => rmSync(root, { recursive: true }));
let loaded: LoadedImage;

beforeAll(async () => {
  const image = await builtImage(root, "image", {
    form: AGENT_FORM,
    appFiles: { "image.json": JSON.stringify(containerImage(riverside, "gateway", 1_767_225_600)) },
    bundle: async () => {
      const file = join(root, AGENT_FORM.program);
      await buildAgent(file);
      const metafile = JSON.parse(readFileSync(file.replace(/\.cjs$/, ".meta.json"), "utf8")) as Metafile;
      return { file, metafile, root: join(__dirname, "../..") };
    },
  });
  loaded = await loadImage(image.layout);
});
afterAll(async () => loaded?.remove());

test("the agent's container runs without a root, a port or a shell, and says that it waits for its bundle", async () => {
  const data = join(root, "data");
  const run = join(root, "run");
  for (const folder of [data, run]) mkdirSync(folder);
  for (const folder of [data, run]) chmodSync(folder, 0o777);
  const container = await runContainer({
    image: loaded.name,
    name: `mqtt-dmz-test-${process.pid}-agent`,
    user: AGENT_FORM.user,
    volumes: [`${data}:/data`, `${run}:/run/dmz-agent`],
  });
  const lines: string[] = [];
  for await (const line of container.logs()) {
    lines.push(line);
    if (line.includes("identity: /data/identity/mqtt.json: is missing")) break;
  }
  expect(lines.join("\n")).toContain(`image ${version} for gateway of riverside`);
  await container.stop();
});

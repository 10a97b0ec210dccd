import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SiteFile } from "../../cli/edge/site-files";
import { EDGE_FOLDER } from "../../cli/edge/edge-folder";

/** What the application says on the console when the agent has accepted a message. */
export const ACCEPTED = /accepted (\d+)\/(\d+)/;

const APPLICATION = `
const { connectAgent } = require("/usr/lib/dmz-agent/client.cjs");
const { readFileSync } = require("node:fs");
const start = Math.round(Number(readFileSync("/proc/stat", "utf8").match(/btime (\\d+)/)[1]));
(async () => {
  const agent = await connectAgent();
  for (let n = 1; ; n += 1) {
    await agent.publish("data/number", start + "/" + n);
    if (n % 10 === 0 || n === 1) console.log("accepted " + start + "/" + n);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
})().catch((error) => { console.log(error.message); process.exit(1); });
`;

/** A local application as a plant would have one, for test images alone: it numbers its messages. */
export const withNumbers = (files: readonly SiteFile[]): SiteFile[] => [
  ...files,
  { path: "usr/lib/dmz-agent/client.cjs", content: readFileSync(join(EDGE_FOLDER, "clients/dmz-agent.cjs")) },
  { path: "usr/lib/dmz/numbers.cjs", content: APPLICATION },
  {
    path: "usr/lib/systemd/system/dmz-numbers.service",
    content: `[Unit]
After=dmz-agent.service
[Service]
User=nobody
Group=dmz-agent
Restart=always
RestartSec=1
StandardOutput=journal+console
ExecStart=/usr/bin/node /usr/lib/dmz/numbers.cjs
`,
  },
  {
    path: "usr/lib/systemd/system/dmz-agent.service.d/numbers.conf",
    content: "[Unit]\nWants=dmz-numbers.service\n",
  },
];

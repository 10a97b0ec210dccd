import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BROKER_ENV, PORTS } from "../../policy/deployment";
import { enrolTestSite } from "./enrol-test-site";
import type { Lab } from "./lab";
import type { Spawned } from "./spawned";
import { testSite } from "./test-site";

/** Our broker in the lab, with everybody enrolled and the historian listening. */
export interface LabBroker {
  /** Folder of the enrolment bundles, one an identity. */
  readonly clients: string;
  /** Resolves with the next message that the historian gets whose topic ends so, as `topic payload`. */
  nextMessage(topicEnds: string, deadline?: number): Promise<string>;
  /** Messages that the historian got, as `topic payload`. */
  messages(): readonly string[];
  /** Ends the broker's process at once. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

const TSX = ["--import", "tsx"];

/** Starts the real broker as a process on the lab's broker host. */
export async function startLabBroker(lab: Lab): Promise<LabBroker> {
  const folders = await enrolTestSite(join(lab.folder, "site"));
  let broker: Spawned | undefined;
  let reader: Spawned | undefined;
  const script = (path: string): string => join(__dirname, path);
  const startAll = async (): Promise<void> => {
    broker = lab.start("broker", process.execPath, [...TSX, script("../../broker/src/main.ts")], {
      [BROKER_ENV.site]: testSite.name,
      [BROKER_ENV.source]: `directory:${folders.vault}`,
      [BROKER_ENV.mqttPort]: String(PORTS.mqtt),
      [BROKER_ENV.httpsPort]: String(PORTS.https),
      [BROKER_ENV.listenAddress]: "0.0.0.0",
      [BROKER_ENV.store]: folders.store,
    });
    await broker.line((line) => line.includes('"event":"active"') || line.includes('"active"'), "the lab's broker");
    reader = lab.start("broker", process.execPath, [
      ...TSX,
      script("historian.ts"),
      join(folders.clients, "historian"),
    ]);
    await reader.line((line) => line === "ready", "the historian");
  };
  await startAll();
  return {
    clients: folders.clients,
    messages: () => reader!.lines.slice(1),
    nextMessage: (topicEnds, deadline) =>
      reader!.line(
        (line) => line.split(" ")[0]!.endsWith(topicEnds),
        `a message on ...${topicEnds}`,
        deadline,
        reader!.lines.length,
      ),
    kill: async () => {
      await reader!.stop();
      await broker!.stop("SIGKILL");
    },
    start: startAll,
  };
}

/** The bundle of the device, as the data partition carries it. */
export const readBundleFile = (folder: string, name: string): Promise<string> => readFile(join(folder, name), "utf8");

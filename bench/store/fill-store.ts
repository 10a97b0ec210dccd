import { Message, encodeMessage } from "../../broker/src/delivery/message";
import { encodeEntry, STATE } from "../../broker/src/delivery/queue-entry";
import { encodeSession } from "../../broker/src/delivery/session-record";
import { key } from "../../broker/src/persistence/key";
import type { Change } from "../../broker/src/persistence/key-value";
import { LevelKeyValue } from "../../broker/src/persistence/level-key-value";
import { IDENTITY } from "../../policy/access-document";
import type { Site } from "../../policy/site";

/** How much a store holds. */
export interface Content {
  readonly sessions: number;
  /** Queued messages of all sessions together. */
  readonly queued: number;
  readonly retained: number;
}

const PAYLOAD = Buffer.alloc(200, "x");
const BATCH = 5_000;

/** Writes what a broker would have written, for identities of the site and topics that they may receive. */
export async function fillStore(folder: string, site: Site, { sessions, queued, retained }: Content): Promise<number> {
  const nodes = site.identities.filter(({ role }) => role.template === "sparkplug-edge-node");
  const store = await LevelKeyValue.open({ folder, create: true });
  let changes: Change[] = [];
  const put = async (at: string, value: Buffer): Promise<void> => {
    changes.push({ type: "put", key: at, value });
    if (changes.length < BATCH) return;
    await store.batch(changes);
    changes = [];
  };
  let sequence = 0;
  for (let i = 0; i < sessions; i++) {
    const { name, role } = nodes[i % nodes.length]!;
    const clientId = `${name}~${Math.floor(i / nodes.length)}`;
    const topic = role.grants.subscribe.find((filter) => filter.includes("/NCMD/"))!.replace(IDENTITY, name);
    await put(key.session(clientId), encodeSession({ identity: name, since: Date.now(), sent: 0 }));
    await put(key.subscription(clientId, topic), Buffer.from([1]));
    const share = Math.floor(((i + 1) * queued) / sessions) - Math.floor((i * queued) / sessions);
    for (let n = 1; n <= share; n++) {
      const message = new Message(topic, PAYLOAD, 1, false);
      message.sequence = sequence += 1;
      await put(key.message(message.sequence), encodeMessage(message));
      const entry = { message, qos: 1, retain: false, packetId: n, state: STATE.waiting } as const;
      sequence += 1;
      await put(
        key.queued(key.queue(clientId), sequence),
        encodeEntry({ ...entry, sequence, repeated: false, committed: true }),
      );
    }
  }
  for (let i = 0; i < retained; i++) {
    const topic = `plant/area-${i % 100}/machine-${i}/state`;
    await put(key.retained(topic), encodeMessage(new Message(topic, PAYLOAD, 1, true)));
  }
  await store.batch(changes);
  const { size } = store;
  await store.close();
  return size;
}

import { decodeEntry } from "../delivery/queue-entry";
import { key, keysOf, partsOf } from "./key";
import { walk, type LevelDatabase } from "./level-database";
import { unseal } from "./sealed-record";

/**
 * Which records need another one that is not there: those of a session the session, a queue's entry its message, a message
 * an entry. A start would refuse them, too.
 * @param keys of the records that are well.
 */
export async function contradictions(database: LevelDatabase, keys: ReadonlySet<string>): Promise<string[]> {
  const faults: string[] = [];
  for (const own of keys) {
    if (!/^(subscription|queue|incoming)\//.test(own)) continue;
    if (!keys.has(key.session(partsOf(own)[0]!))) faults.push(`the record '${own}' is there, its session is missing`);
  }
  const needed = new Set<string>();
  for await (const entries of walk(database, keysOf("queued"))) {
    for (const [own, record] of entries) {
      const value = unseal(own, record);
      if (!value) continue;
      const message = key.message(decodeEntry(value).message);
      needed.add(message);
      if (!keys.has(message)) faults.push(`the record '${own}' is there, its '${message}' is missing`);
    }
  }
  const { gte, lt } = keysOf("message");
  for (const own of keys)
    if (own >= gte && own < lt && !needed.has(own)) faults.push(`the record '${own}' is there, its queue's is missing`);
  return faults;
}

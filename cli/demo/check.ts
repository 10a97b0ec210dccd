import type { MqttClient } from "mqtt";
import { Refusal } from "./connect-once";

export type Verdict = "allowed" | "refused";

/** One thing a client tries, and what the site's declaration says must come of it. */
export interface Check {
  readonly group: string;
  /** Who tries it: an identity, or `anybody`. */
  readonly who: string;
  /** What it tries, as a predicate: `publishes line1/temperature`. */
  readonly does: string;
  readonly expected: Verdict;
  /** Tries it for real. @returns how it was allowed @throws Refusal with how it was refused */
  readonly attempt: () => Promise<string>;
}

/** What really came of a check. */
export interface CheckResult extends Omit<Check, "attempt"> {
  /** `failed`: neither a yes nor a no, for example no answer in time. */
  readonly actual: Verdict | "failed";
  /** How: `CONNACK 5: not authorized`, `arrived after 3 ms`. */
  readonly how: string;
}

/** How long a check may take, ms. A broker that says neither yes nor no fails it. */
const PATIENCE = 10_000;

/** Tries it, and tells a refusal from a failure. */
export async function runCheck({ attempt, ...check }: Check): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  try {
    return { ...check, actual: "allowed", how: await Promise.race([attempt(), silence]) };
  } catch (error) {
    const how = error instanceof Error ? error.message : String(error);
    return { ...check, actual: error instanceof Refusal ? "refused" : "failed", how };
  } finally {
    clearTimeout(timer);
  }
}

/** Subscribes. @throws Refusal on a SUBACK of 0x80 (MQTT 3.1.1, 3.9.3) */
export async function subscribe(client: MqttClient, filter: string): Promise<string> {
  const granted = await client.subscribeAsync(filter, { qos: 1 }).catch((error: Error) => {
    throw /Subscribe error/.test(error.message) ? new Refusal("SUBACK 0x80") : error;
  });
  return `SUBACK, QoS ${granted[0]?.qos ?? 0}`;
}

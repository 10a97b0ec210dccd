import type { Health } from "../health";
import type { DeviceIdentity } from "../identity/read-identity";
import type { MessageQueue } from "../queue/message-queue";
import { QueueFull } from "../queue/queue-full";
import type { QueuedMessage } from "../queue/record";
import type { SparkplugNode } from "../sparkplug/sparkplug-node";
import type { LocalHandler } from "./local-server";
import { Refusal, type Request } from "./protocol";
import { publishTopic } from "./publish-topic";

export interface LocalHandlerProps {
  readonly identity: DeviceIdentity;
  /** None if this agent must not use it. */
  readonly queue: MessageQueue | undefined;
  readonly sparkplug: SparkplugNode | undefined;
  readonly health: Health;
}

/** Puts what applications hand over into the queue, after every check that the broker would make. */
export function createLocalHandler({ identity, queue, sparkplug, health }: LocalHandlerProps): LocalHandler {
  const { name, device, topics } = identity;
  const accept = async (message: QueuedMessage): Promise<void> => {
    if (!queue) {
      const why = health.faults().find(({ code }) => code.startsWith("queue-"))?.text;
      throw new Refusal("unavailable", why ?? "the queue cannot be used");
    }
    try {
      await queue.append(message);
    } catch (error) {
      if (error instanceof QueueFull) {
        health.note("queue-full", error.message);
        throw new Refusal("queue-full", error.message);
      }
      throw new Refusal("disk", error instanceof Error ? error.message : String(error));
    }
  };
  /** Declarations that are not on disk yet. */
  let declaring: Promise<unknown> | undefined;
  const declare = (node: SparkplugNode, { device, payload }: Extract<Request, { readonly op: "birth" | "data" }>) => {
    const done = node.declare(device, payload);
    const all: Promise<unknown> = Promise.allSettled([declaring, done]).then(() => {
      if (declaring === all) declaring = undefined;
    });
    declaring = all;
    return done;
  };
  return {
    greeting: () => ({ device: name, prefix: device.prefix, sparkplug: device.sparkplug, publish: topics.publish }),
    handle: async (request) => {
      if (request.op === "publish") {
        const { payload, retain } = request;
        return accept({ topic: publishTopic(request.topic, identity), payload, retain, sparkplug: false });
      }
      if (!sparkplug)
        throw new Refusal("not-sparkplug", `the site does not declare '${name}' as a Sparkplug edge node`);
      if (request.op === "birth") return declare(sparkplug, request);
      if (request.op !== "data") return;
      // Handed over right behind a birth: it must not be at the host before it, nor be taken if that is refused.
      if (declaring) await declaring;
      return accept(sparkplug.encode(request.device, request.payload));
    },
    misused: (text) => health.note("socket", text),
  };
}

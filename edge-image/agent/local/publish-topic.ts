import { matches, topicFault } from "../../../policy/topic-filter";
import type { DeviceIdentity } from "../identity/read-identity";
import { MESSAGE_LIMITS } from "../queue/record";
import { Refusal } from "./protocol";

/** The broker refuses deeper topics. */
const LEVELS = 32;

/**
 * The topic that an application means: below the device's own prefix if that is granted, or else as it stands. Checked
 * before the message is accepted: the broker ends the connection of who publishes what it may not.
 * @throws Refusal `topic`, with what may be published
 */
export function publishTopic(topic: string, { topics, device }: DeviceIdentity): string {
  const fault = topicFault(topic);
  if (fault !== undefined) throw new Refusal("topic", `not a topic name: ${fault}`);
  const candidates = device.prefix === undefined ? [topic] : [`${device.prefix}/${topic}`, topic];
  const granted = candidates.find((each) => topics.publish.some((filter) => matches(filter, each)));
  if (granted === undefined)
    throw new Refusal("topic", `'${topic}' is not among what this device may publish: ${topics.publish.join(", ")}`);
  if (Buffer.byteLength(granted) > MESSAGE_LIMITS.topicBytes || granted.split("/").length > LEVELS)
    throw new Refusal("topic", `a topic has at most ${MESSAGE_LIMITS.topicBytes} bytes and ${LEVELS} levels`);
  const { prefix } = device;
  if (prefix !== undefined && (granted === `${prefix}/status` || granted.startsWith(`${prefix}/event/agent/`)))
    throw new Refusal("topic", `'${topic}' is the agent's own: it says there how the device is`);
  if (granted.startsWith("spBv1.0/"))
    throw new Refusal("topic", `'${topic}' is Sparkplug's: hand over metrics with 'data', and the agent numbers them`);
  return granted;
}

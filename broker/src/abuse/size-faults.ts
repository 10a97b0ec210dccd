import { LIMITS } from "../limits";

/** Why a topic or filter is larger than any that we serve; undefined: it is not. Allocates nothing for short ones. */
export function topicSizeFault(topic: string): string | undefined {
  // Three bytes a UTF-16 code unit is the most that UTF-8 takes.
  if (topic.length * 3 > LIMITS.topicBytes) {
    const bytes = Buffer.byteLength(topic);
    if (bytes > LIMITS.topicBytes) return `it has ${bytes} bytes, more than ${LIMITS.topicBytes}`;
  }
  let levels = 1;
  for (let at = topic.indexOf("/"); at !== -1; at = topic.indexOf("/", at + 1)) levels += 1;
  return levels > LIMITS.topicLevels ? `it has more than ${LIMITS.topicLevels} levels` : undefined;
}

/** Why a ClientId is longer than any that we serve; undefined: it is not. */
export function clientIdSizeFault(clientId: string): string | undefined {
  const bytes = Buffer.byteLength(clientId);
  return bytes > LIMITS.clientIdBytes
    ? `the ClientId has ${bytes} bytes, more than ${LIMITS.clientIdBytes}`
    : undefined;
}

/** Why a client gets no further subscription; undefined: it does. @param open its distinct filters so far. */
export function subscriptionFault(
  filter: string,
  open: { readonly has: (filter: string) => boolean; readonly size: number },
): string | undefined {
  const fault = topicSizeFault(filter);
  if (fault) return fault;
  if (!open.has(filter) && open.size >= LIMITS.subscriptionsPerClient)
    return `the client has ${open.size} subscriptions, as many as it may`;
  return undefined;
}

import type { QueueBounds } from "../../../policy/edge-device";
import { AgentFault } from "../agent-fault";
import type { Health } from "../health";
import type { Log } from "../log";
import { MessageQueue } from "./message-queue";
import type { QueueOwner } from "./claim-queue";
import type { QueueEvent } from "./queue-state";

export interface DeviceQueueProps {
  readonly folder: string;
  readonly owner: QueueOwner;
  readonly bounds: QueueBounds;
  readonly now: () => number;
  readonly isSynchronised: () => boolean;
  readonly health: Health;
  readonly log: Log;
}

/**
 * Opens the device's queue, and says on the health topic what happens to it.
 * @returns undefined if this agent must not use it: the device connects all the same, so that its site hears why
 */
export async function openDeviceQueue(props: DeviceQueueProps): Promise<MessageQueue | undefined> {
  const { health, log } = props;
  let lost = 0;
  let dropped = 0;
  let refused = 0;
  const report = (event: QueueEvent): void => {
    switch (event.kind) {
      case "damaged":
        lost += event.lost;
        log("error", "queue-damaged", describe(event));
        health.raise(
          "queue-damaged",
          `parts of the queue could not be read: ${lost} accepted messages among them; they were kept in ${props.folder}/aside`,
        );
        break;
      case "torn":
        log("warning", "queue-torn", describe(event));
        break;
      case "dropped":
        dropped += event.last - event.first + 1;
        log("warning", "queue-dropped", describe(event));
        health.raise(
          "queue-dropped",
          `${dropped} messages gave way to the queue's declared bounds since the agent started`,
        );
        break;
      case "refused":
        // A topic that is refused may bring thousands: the health topic counts them.
        if (refused++ === 0) log("error", "message-refused", describe(event));
        health.raise(
          "message-refused",
          `${refused} messages, the last on '${event.topic}', were set aside in ${props.folder}/aside: the broker refuses them; give the device's role that topic, or stop the application`,
        );
        break;
      case "refused-stays":
        health.raise(
          "message-refused",
          `${describe(event)}; it stays in the queue, and what follows is sent meanwhile`,
        );
        break;
      case "refused-dropped":
        log("warning", "message-refused", describe(event));
        break;
      case "disk-failed":
        health.raise("queue-disk", `${describe(event)}; messages are refused to their applications until it does`);
        break;
      case "disk-works":
        health.clear("queue-disk");
    }
  };
  try {
    return await MessageQueue.open({ ...props, report });
  } catch (error) {
    if (!(error instanceof AgentFault)) throw error;
    health.raise(error.code, error.message);
    return undefined;
  }
}

function describe(event: QueueEvent): string {
  switch (event.kind) {
    case "damaged":
      return `${event.path}: ${event.bytes} bytes at ${event.offset} are no records, ${event.lost} messages lost; ${keptAs(event)}`;
    case "torn":
      return `${event.path}: its last ${event.bytes} bytes are no whole record, as after a power cut; ${keptAs(event)}`;
    case "dropped":
      return `messages ${event.first} to ${event.last} gave way: ${event.why === "size" ? "the queue was full" : "they were too old"}`;
    case "refused":
      return `message ${event.seq} on '${event.topic}' was set aside: the broker ends the connection on it`;
    case "refused-stays":
      return `the broker refuses messages on '${event.topic}', and the disk has no room to set them aside (${event.error.message})`;
    case "refused-dropped":
      return `${event.count} older refused messages gave way`;
    case "disk-failed":
      return `the disk did not take messages (${event.error.message})`;
    case "disk-works":
      return "the disk takes messages again";
  }
}

const keptAs = ({ aside }: { readonly aside: string }): string =>
  aside === "" ? "no copy of them was kept" : `kept as ${aside}`;

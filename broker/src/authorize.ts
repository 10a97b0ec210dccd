import type { AccessPolicy } from "../../policy/compile-access";
import { topicSizeFault } from "./abuse/size-faults";

/** What may be asked of the access document. */
export type Question = "mayPublish" | "maySubscribe" | "mayReceive";

/** Answers for one identity; deny by default. */
export type Authorize = (name: string | undefined, question: Question, topic: string) => boolean;

export interface AuthorizeProps {
  /** The access document in use; undefined while there is none. */
  readonly policy: () => AccessPolicy | undefined;
  /** A question that failed; it was denied. */
  readonly onError: (error: unknown, question: Question) => void;
  /** Answers remembered in all. @default 20,000: at most 20 MB of topics */
  readonly remembered?: number;
}

/** A leading `$` is the server's [MQTT-4.7.2-1]: no client publishes there, whatever the document says. */
const isServers = (topic: string): boolean => topic.charCodeAt(0) === 0x24;

/**
 * The one place where topics are authorized: publish, will, subscribe, forward, retained, queued and restored all end
 * here. A check costs O(topic levels x grants of the role), and O(1) when the same identity asked the same of the same
 * access document before. Without an identity, without a document, and when the question itself fails: denied.
 */
export function authorizer({ policy, onError, remembered = 20_000 }: AuthorizeProps): Authorize {
  let of: AccessPolicy | undefined;
  let size = 0;
  const answers: Record<Question, Map<string, Map<string, boolean>>> = {
    mayPublish: new Map(),
    maySubscribe: new Map(),
    mayReceive: new Map(),
  };
  const forget = (): void => {
    size = 0;
    for (const each of Object.values(answers)) each.clear();
  };

  return (name, question, topic) => {
    if (name === undefined) return false;
    try {
      const current = policy();
      if (!current) return false;
      // Another document: not one of the former answers counts any more.
      if (current !== of) {
        forget();
        of = current;
      }
      const known = answers[question].get(name)?.get(topic);
      if (known !== undefined) return known;
      // Not remembered: a stranger to its grants may send 64 KiB a topic.
      if (topicSizeFault(topic) !== undefined) return false;
      const answer = !(question === "mayPublish" && isServers(topic)) && current[question](name, topic);
      // Nobody asks for a filter twice.
      if (question === "maySubscribe") return answer;
      if (size >= remembered) forget();
      let own = answers[question].get(name);
      if (!own) answers[question].set(name, (own = new Map<string, boolean>()));
      own.set(topic, answer);
      size += 1;
      return answer;
    } catch (error) {
      onError(error, question);
      return false;
    }
  };
}

import type { Property } from "../verdict";
import { bucketsAreClosed } from "./buckets-are-closed";
import { dataSurvivesMistakes } from "./data-survives-mistakes";
import { healthChecksSpeakTls } from "./health-checks-speak-tls";
import type { HygieneInput } from "./hygiene-input";
import { imagesComeByDigest } from "./images-come-by-digest";
import { keysRotate } from "./keys-rotate";
import { listenersSpeakTls } from "./listeners-speak-tls";
import { logsAreEncrypted } from "./logs-are-encrypted";
import { logsAreKept } from "./logs-are-kept";
import { mountsSpeakTls } from "./mounts-speak-tls";
import { namesAskedAreLogged } from "./names-asked-are-logged";
import { nobodyEntersTasks } from "./nobody-enters-tasks";
import { registriesAreImmutable } from "./registries-are-immutable";
import { storageIsEncrypted } from "./storage-is-encrypted";
import { tasksAreHardened } from "./tasks-are-hardened";
import { trafficIsLogged } from "./traffic-is-logged";

const RULES = [
  bucketsAreClosed,
  dataSurvivesMistakes,
  healthChecksSpeakTls,
  imagesComeByDigest,
  keysRotate,
  listenersSpeakTls,
  logsAreEncrypted,
  logsAreKept,
  mountsSpeakTls,
  namesAskedAreLogged,
  nobodyEntersTasks,
  registriesAreImmutable,
  storageIsEncrypted,
  tasksAreHardened,
  trafficIsLogged,
];

/** Ids that a suppression may name. */
export const HYGIENE_RULES: ReadonlySet<string> = new Set(RULES.map(({ id }) => id));

/** The attribute rules about what the plan has: a rule about nothing would prove nothing. */
export const hygieneProperties = ({ facts }: HygieneInput): readonly Property<HygieneInput>[] => {
  const types = new Set(facts.resources.filter(({ mode }) => mode === "managed").map(({ type }) => type));
  return RULES.filter((rule) => rule.types.some((type) => types.has(type)));
};

/** Suppressions that set nothing aside: they stay behind when what they excused is gone. */
export const idleSuppressions = (input: HygieneInput): readonly HygieneInput["suppressions"][number][] =>
  input.suppressions.filter((suppression) => {
    const rule = RULES.find(({ id }) => id === suppression.rule);
    const without = input.suppressions.filter((each) => each !== suppression);
    return JSON.stringify(rule?.check({ ...input, suppressions: without })) === JSON.stringify(rule?.check(input));
  });

import { EDGE_IMAGES_DEFAULTS } from "./edge-images";
import { field } from "./field";
import type { Fault, Report } from "./fault";
import { markSite } from "./is-site";
import { MAX_CAPACITY } from "./max-capacity";
import { checkAlarms } from "./rules/alarms";
import { checkAws } from "./rules/aws";
import { checkBroker } from "./rules/broker";
import { checkBrokerRoom } from "./rules/broker-room";
import { checkClosedWord } from "./rules/closed-word";
import { checkDeviceClasses, checkImageArchitectures } from "./rules/device-classes";
import { checkEdgeImages } from "./rules/edge-images";
import { checkEdgeSeparation } from "./rules/edge-separation";
import { checkHostName } from "./rules/host-name";
import { type CheckedIdentity, checkIdentities } from "./rules/identities";
import { checkKeys } from "./rules/known-keys";
import { checkPrimaryHosts } from "./rules/primary-hosts";
import { checkShardSize } from "./rules/shard-size";
import { checkTags } from "./rules/tags";
import type { Site, SiteDeclaration } from "./site";
import { SiteError } from "./site-error";
import { isSiteName } from "./site-name";

export type { Fault } from "./fault";
export { SiteError } from "./site-error";

/** Every AWS name of the site begins with its own. */
const RESERVED = [
  { prefix: "sg-", of: "security group's name" },
  { prefix: "internal-", of: "load balancer's name" },
];
const KEYS = [
  "name",
  "host",
  "aws",
  "broker",
  "edge",
  "enterprise",
  "access",
  "lifetime",
  "capacity",
  "tags",
  "alarms",
  "deviceClasses",
  "edgeImages",
];
const DEFAULTS = {
  access: "internet",
  lifetime: "permanent",
  capacity: 500,
  cidr: "10.80.0.0/20",
  size: "small",
} as const;

const checkName = (name: unknown, report: Report): void => {
  const reserved = typeof name === "string" ? RESERVED.find(({ prefix }) => name.startsWith(prefix)) : undefined;
  if (reserved !== undefined)
    report("name", `must not begin with '${reserved.prefix}', as no ${reserved.of} may`, name, "choose another word");
  if (isSiteName(name)) return;
  report("name", "must match [a-z][a-z0-9-]{0,23}", name, 'choose a short lower-case word, for example "riverside"');
};

const checkAccess = (access: unknown, report: Report): void => {
  if (access === undefined) return;
  if (access === "private")
    report(
      "access",
      'must be "internet" for now',
      access,
      "remove it: private sites, reached over a VPN alone, are not built yet",
    );
  else checkClosedWord("access", access, ["internet"], report);
};

const countIdentities = (declaration: object): number =>
  [field(declaration, "edge"), field(declaration, "enterprise")].reduce<number>(
    (sum, list) => sum + (Array.isArray(list) ? list.length : 0),
    0,
  );

const checkCapacity = (declared: unknown, identities: number, report: Report): void => {
  const capacity = declared ?? DEFAULTS.capacity;
  if (typeof capacity !== "number" || !Number.isInteger(capacity) || capacity < 1 || capacity > MAX_CAPACITY)
    report("capacity", `must be a whole number from 1 to ${MAX_CAPACITY}`, capacity, "leave it out for 500");
  else if (capacity < identities)
    report(
      "capacity",
      `must be at least the number of identities, ${identities}`,
      capacity,
      `write capacity: ${identities} or more`,
    );
};

const withDefaults = (declaration: SiteDeclaration, checked: readonly CheckedIdentity[]): Site => {
  const { name, host, aws, broker, access, lifetime, capacity, tags, alarms, deviceClasses, edgeImages } = declaration;
  return {
    name,
    host,
    aws: { ...aws, zones: [...aws.zones], cidr: aws.cidr ?? DEFAULTS.cidr },
    broker: { image: broker.image, size: broker.size ?? DEFAULTS.size },
    identities: checked.map(({ name, kind, certificate, role, deviceClass }) => ({
      name,
      kind,
      certificate,
      role,
      ...(deviceClass !== undefined && { deviceClass }),
    })),
    access: access ?? DEFAULTS.access,
    lifetime: lifetime ?? DEFAULTS.lifetime,
    capacity: capacity ?? DEFAULTS.capacity,
    tags: { ...tags },
    ...(alarms && {
      alarms: {
        ...(alarms.email && { email: [...alarms.email] }),
        ...(alarms.topic !== undefined && { topic: alarms.topic }),
      },
    }),
    ...(deviceClasses && {
      deviceClasses: Object.fromEntries(Object.entries(deviceClasses).map(([name, each]) => [name, { ...each }])),
    }),
    ...(edgeImages && { edgeImages: { ...EDGE_IMAGES_DEFAULTS, ...edgeImages } }),
  };
};

/**
 * Validates a declaration and fills in its defaults. Everything else (infrastructure, access document, proof) is derived
 * from what it returns. Callers without types are welcome: whatever is wrong is a fault, never a TypeError.
 *
 * @throws SiteError with every fault of the site, each with its path, the rule, the value and a fix.
 */
export const defineSite = (declaration: SiteDeclaration): Site => {
  const faults: Fault[] = [];
  const report: Report = (path, rule, value, fix) => faults.push({ path, rule, value, fix });
  const name = field(declaration, "name");
  let identities: readonly CheckedIdentity[] = [];
  if (checkKeys("site", declaration, KEYS, report)) {
    checkName(name, report);
    checkHostName("host", field(declaration, "host"), report);
    checkAws("aws", field(declaration, "aws"), report);
    checkBroker("broker", field(declaration, "broker"), field(field(declaration, "aws"), "region"), report);
    checkAccess(field(declaration, "access"), report);
    const lifetime = field(declaration, "lifetime");
    if (lifetime !== undefined) checkClosedWord("lifetime", lifetime, ["permanent", "ephemeral"], report);
    const count = countIdentities(declaration);
    checkCapacity(field(declaration, "capacity"), count, report);
    checkBrokerRoom("broker.size", field(field(declaration, "broker"), "size") ?? DEFAULTS.size, count, report);
    if (field(declaration, "tags") !== undefined) checkTags("tags", field(declaration, "tags"), report);
    const alarms = field(declaration, "alarms");
    if (alarms !== undefined) checkAlarms("alarms", alarms, field(field(declaration, "aws"), "region"), report);
    const edgeImages = field(declaration, "edgeImages");
    if (edgeImages !== undefined)
      checkEdgeImages("edgeImages", edgeImages, field(field(declaration, "aws"), "account"), report);
    identities = checkIdentities(declaration, isSiteName(name) ? name : "site", report);
    const deviceClasses = field(declaration, "deviceClasses");
    if (deviceClasses !== undefined) checkDeviceClasses("deviceClasses", deviceClasses, identities, report);
    checkImageArchitectures("edgeImages.images", field(edgeImages, "images"), deviceClasses, report);
    checkEdgeSeparation(identities, report);
    checkPrimaryHosts(identities, report);
  }
  if (faults.length > 0) throw new SiteError(name, faults);
  const site = withDefaults(declaration, identities);
  checkShardSize(site, report);
  if (faults.length > 0) throw new SiteError(name, faults);
  return markSite(site);
};

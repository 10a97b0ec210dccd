import type { Architecture } from "./architecture";
import type { EdgeImages } from "./edge-images";
import type { ResolvedRole, Role } from "./role";
import type { SiteAlarms } from "./site-alarms";

/** How the broker is reached. `"private"` (no internet gateway, VPN only) is reserved and refused for now. */
export type AccessLevel = "internet" | "private";

/** `"permanent"` protects CA, credentials, keys and store from deletion; `"ephemeral"` leaves nothing behind. */
export type Lifetime = "permanent" | "ephemeral";

/** Fargate task size: small 0.5 vCPU / 1 GiB, medium 1 vCPU / 2 GiB, large 2 vCPU / 4 GiB. */
export type BrokerSize = "small" | "medium" | "large";

/** Where the site lives. Named here, so that synthesis needs neither credentials nor data sources. */
export interface SiteAws {
  /** Twelve digits; becomes the provider's `allowed_account_ids`. */
  readonly account: string;
  /** For example `eu-central-1`. */
  readonly region: string;
  /** Two or three availability zones of the region, for example `["eu-central-1a", "eu-central-1b"]`. Their order is their identity: append, never reorder. */
  readonly zones: readonly string[];
  /** ARN of the role that runs Terraform: the only one that may decrypt the access document besides the broker. */
  readonly deployerRole: string;
  /** IPv4 range of the VPC, /16 to /24. @default "10.80.0.0/20" */
  readonly cidr?: string;
}

export interface SiteBroker {
  /** Image by digest: `<registry>/<repository>@sha256:<64 hex>`; `dmz image push` prints it. */
  readonly image: string;
  /** @default "small" */
  readonly size?: BrokerSize;
}

export interface IdentityDeclaration {
  /** Name of the identity: user name, certificate subject and ClientId at once. `[A-Za-z0-9._-]{1,64}`, unique in the site. */
  readonly name: string;
  /** What it may publish and subscribe. */
  readonly role: Role;
  /** `"password-only"` drops the client certificate, which weakens P3 for this identity. @default "required" */
  readonly certificate?: "required" | "password-only";
  /** Which device image it runs, for an edge device: `[a-z0-9][a-z0-9-]{0,31}`; one image a class. @default "gateway" */
  readonly deviceClass?: string;
}

/** What the machines of a class of edge devices are. */
export interface DeviceClass {
  /** @default "x86_64" */
  readonly architecture?: Architecture;
}

/** What a user writes in `sites/<name>.ts` and hands to `defineSite`. */
export interface SiteDeclaration {
  /** `[a-z][a-z0-9-]{0,23}`: prefix of every AWS name and first level of telemetry topics. */
  readonly name: string;
  /** The public DNS name that clients connect to and the server certificate carries. */
  readonly host: string;
  readonly aws: SiteAws;
  readonly broker: SiteBroker;
  /** Devices and gateways in the field: no wildcard before their own identity, no shared topics. */
  readonly edge: readonly IdentityDeclaration[];
  /** SCADA hosts, historians, operators. ClientId is `name` or `name~suffix`. */
  readonly enterprise: readonly IdentityDeclaration[];
  /** @default "internet" */
  readonly access?: AccessLevel;
  /** @default "permanent" */
  readonly lifetime?: Lifetime;
  /** How many identities the credential store is sized for; grow it on purpose, never shrink it. @default 500 */
  readonly capacity?: number;
  /** AWS tags on every resource. @default none */
  readonly tags?: Readonly<Record<string, string>>;
  /** Who is told of alarms. @default nobody, which every synthesis says */
  readonly alarms?: SiteAlarms;
  /** What the machines of a class are, by the class's name. @default x86-64 machines, all of them */
  readonly deviceClasses?: Readonly<Record<string, DeviceClass>>;
  /** Images of edge devices that run as EC2 instances; `{ images: [] }` makes the key and the role to publish with. @default none */
  readonly edgeImages?: EdgeImages;
}

export type IdentityKind = "edge" | "enterprise";

/** A declared identity with every default filled in. */
export interface Identity {
  readonly name: string;
  readonly kind: IdentityKind;
  readonly certificate: "required" | "password-only";
  readonly role: ResolvedRole;
  /** Of an edge device; absent for an enterprise client. */
  readonly deviceClass?: string;
}

/** A validated site: every default filled in, every rule of `defineSite` held. Frozen throughout. */
export interface Site {
  readonly name: string;
  readonly host: string;
  readonly aws: Required<SiteAws>;
  readonly broker: Required<SiteBroker>;
  readonly identities: readonly Identity[];
  readonly access: AccessLevel;
  readonly lifetime: Lifetime;
  readonly capacity: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly alarms?: SiteAlarms;
  readonly deviceClasses?: Readonly<Record<string, DeviceClass>>;
  readonly edgeImages?: Required<EdgeImages>;
}

import type { Conduit } from "../../policy/conduits";
import type { Site } from "../../policy/site";
import type { AccessDocument } from "../access/access-document";
import type { MonthlyCost } from "../cost/monthly-cost";
import type { FactSource } from "../facts/facts";
import type { Proof, Step } from "../verdict";

/** All that a report shows: it judges nothing by itself. */
export interface ReportInput {
  readonly site: Pick<Site, "name" | "host" | "access" | "lifetime"> & {
    readonly aws: Pick<Site["aws"], "account" | "region" | "zones">;
  };
  /** What was read, so that a reader can tell which plan the report speaks of. */
  readonly source: {
    readonly kind: FactSource;
    /** As a reader calls it: `plan.json`, `synthesized from sites/riverside.ts`. */
    readonly name: string;
    /** SHA-256 of its text, hex. */
    readonly sha256: string;
    /** How many resources and data sources it holds. */
    readonly resources: number;
    /** What could not be read at all. */
    readonly unread: readonly Step[];
  };
  readonly access: Pick<AccessDocument, "identities"> & {
    /** Does the stack deploy this very document? Otherwise it is what the declaration derives. */
    readonly deployed: boolean;
  };
  /** Ways between zones that are declared. */
  readonly conduits: readonly Conduit[];
  /** Ways between zones that the network permits; undefined when it was not looked at. */
  readonly found: readonly FoundConduit[] | undefined;
  /** Of checks that ran, and of no others. */
  readonly proofs: readonly Proof[];
  readonly cost: MonthlyCost;
  /** Undefined: no folder of bundles was given. */
  readonly certificates: readonly ReportCertificate[] | undefined;
  readonly made: Date;
  /** Version of this kit. */
  readonly version: string;
}

/** Ports that the network permits from one zone to another, in words: `tcp 443`, `udp 1-1023`. */
export interface FoundConduit {
  readonly from: string;
  readonly to: string;
  readonly ports: readonly string[];
}

/** One certificate of a bundle, or why there is none. */
export interface ReportCertificate {
  /** Identity, or `certificate authority`. */
  readonly name: string;
  /** Where it was read: `gw-1/cert.pem`. */
  readonly file: string;
  readonly state:
    | { readonly from: Date; readonly until: Date; readonly subject: string; readonly issuer: string }
    /** Why nothing is known of it: `password only`, `no bundle`, `unreadable: ...`. */
    | { readonly unknown: string };
}

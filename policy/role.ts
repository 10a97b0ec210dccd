import type { RoleGrants } from "./access-document";

/** A role as a user writes it: `sparkplugEdgeNode({ group: "line1" })`. Resolved against the site's name. */
export interface Role {
  /** Unique per distinct set of grants; key in the access document, for example `sparkplug-edge-node:line1`. */
  readonly id: string;
  /** The template's word; `"raw"` marks filters written by hand, `"operator"` alone may read `$SYS`. */
  readonly template: "sparkplug-edge-node" | "sparkplug-host" | "telemetry-device" | "consumer" | "operator" | "raw";
  readonly grants: (site: string) => RoleGrants;
}

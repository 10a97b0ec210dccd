import { defineSite, type Fault, SiteError } from "../../policy/define-site";
import { NOT_PUSHED } from "../../policy/not-pushed";
import { operator } from "../../policy/roles/operator";
import { sparkplugEdgeNode } from "../../policy/roles/sparkplug-edge-node";
import type { SiteDeclaration } from "../../policy/site";

/** A declaration without a fault. */
export const valid: SiteDeclaration = {
  name: "plant",
  host: "mqtt.plant.example",
  aws: {
    account: "123456789012",
    region: "eu-central-1",
    zones: ["eu-central-1a", "eu-central-1b"],
    deployerRole: "arn:aws:iam::123456789012:role/ci/deployer",
  },
  broker: { image: NOT_PUSHED },
  edge: [{ name: "gw-1", role: sparkplugEdgeNode({ group: "line1" }) }],
  enterprise: [{ name: "operator", role: operator() }],
};

/** The faults of a declaration, however wrong its types; none if it is valid. Any other error is the test's failure. */
export const faultsOf = (declaration: unknown): readonly Fault[] => {
  try {
    defineSite(declaration as SiteDeclaration);
    return [];
  } catch (error) {
    if (error instanceof SiteError) return error.faults;
    throw error;
  }
};

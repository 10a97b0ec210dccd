import { defineSite } from "../../policy/define-site";
import { NOT_PUSHED } from "../../policy/not-pushed";
import { consumer } from "../../policy/roles/consumer";
import { operator } from "../../policy/roles/operator";
import { telemetryDevice } from "../../policy/roles/telemetry-device";

/** The name that the lab's resolver knows. */
export const BROKER_HOST = "mqtt.edge.example";

/** The device under attack. */
export const DEVICE = "gw-press";

/** A plant with one gateway, somebody who reads it, and an operator. */
export const testSite = defineSite({
  name: "edgelab",
  host: BROKER_HOST,
  aws: {
    account: "123456789012",
    region: "eu-central-1",
    zones: ["eu-central-1a", "eu-central-1b"],
    deployerRole: "arn:aws:iam::123456789012:role/deployer",
  },
  broker: { image: NOT_PUSHED },
  edge: [{ name: DEVICE, role: telemetryDevice({ area: "hall" }) }],
  enterprise: [
    { name: "historian", role: consumer({ areas: ["hall"] }) },
    { name: "operator", role: operator() },
  ],
  lifetime: "ephemeral",
});

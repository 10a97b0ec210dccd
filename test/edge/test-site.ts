import { defineSite } from "../../policy/define-site";
import { NOT_PUSHED } from "../../policy/not-pushed";
import { consumer } from "../../policy/roles/consumer";
import { operator } from "../../policy/roles/operator";
import { telemetryDevice } from "../../policy/roles/telemetry-device";

/** The name that the lab's resolver knows. */
export const BROKER_HOST = "mqtt.edge.example";

/** The device under attack. */
export const DEVICE = "gw-press";

/** A machine with another processor, for which the image is built, too. */
export const ARM_DEVICE = "gw-oven";

/** A plant with one gateway of each processor, somebody who reads it, and an operator. */
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
  edge: [
    { name: DEVICE, role: telemetryDevice({ area: "hall" }) },
    { name: ARM_DEVICE, role: telemetryDevice({ area: "hall" }), deviceClass: "gateway-arm" },
  ],
  deviceClasses: { "gateway-arm": { architecture: "arm64" } },
  enterprise: [
    { name: "historian", role: consumer({ areas: ["hall"] }) },
    { name: "operator", role: operator() },
  ],
  lifetime: "ephemeral",
});

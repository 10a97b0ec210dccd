import { defineSite } from "../policy/define-site";
import { NOT_PUSHED } from "../policy/not-pushed";
import { consumer } from "../policy/roles/consumer";
import { operator } from "../policy/roles/operator";
import { sparkplugEdgeNode } from "../policy/roles/sparkplug-edge-node";
import { sparkplugHost } from "../policy/roles/sparkplug-host";
import { telemetryDevice } from "../policy/roles/telemetry-device";

/**
 * A bottling plant with two production lines. Write your own with `npx dmz new <site>`, after this pattern: tests
 * hold the documentation to this one. Whatever is wrong in a site is said at once when its file is loaded.
 */
export default defineSite({
  // Prefix of every AWS name and first level of plain telemetry topics. Renaming a deployed site replaces it.
  name: "riverside",
  // The DNS name that gateways and clients connect to: point it at the load balancer after the first deployment.
  host: "mqtt.riverside.example.com",
  aws: {
    // Your account, region, two or three of its zones (append, never reorder), and the role that runs Terraform.
    account: "123456789012",
    region: "eu-central-1",
    zones: ["eu-central-1a", "eu-central-1b"],
    deployerRole: "arn:aws:iam::123456789012:role/deployer",
  },
  // Replace NOT_PUSHED by the reference that `npx dmz image push` prints.
  broker: { image: NOT_PUSHED },
  // One entry a device in the field. Its name is user name, certificate subject and ClientId at once.
  edge: [
    // Line 1, filling: two Sparkplug gateways, one a cell.
    { name: "gw-line1-filler", role: sparkplugEdgeNode({ group: "line1" }) },
    { name: "gw-line1-capper", role: sparkplugEdgeNode({ group: "line1" }) },
    // Line 2, packing.
    { name: "gw-line2-packer", role: sparkplugEdgeNode({ group: "line2" }) },
    { name: "gw-line2-palletizer", role: sparkplugEdgeNode({ group: "line2" }) },
    // Gateways without Sparkplug: they publish riverside/utilities/<name>/data/... and the like.
    { name: "gw-compressor", role: telemetryDevice({ area: "utilities" }) },
    { name: "gw-water", role: telemetryDevice({ area: "utilities" }) },
  ],
  // Who reads and commands them.
  enterprise: [
    { name: "scada", role: sparkplugHost({ groups: ["line1", "line2"] }) },
    { name: "historian", role: consumer({ groups: ["line1", "line2"], areas: ["utilities"] }) },
    { name: "operator", role: operator() },
  ],
  // Who is told when an alarm goes off: each address is asked once whether it agrees.
  alarms: { email: ["plant-operations@example.com"] },
  // Try-outs: lifetime: "ephemeral" lets `destroy` remove everything, keys and messages included.
  tags: { plant: "riverside" },
});

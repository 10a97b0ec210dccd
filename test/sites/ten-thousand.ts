import { defineSite } from "../../policy/define-site";
import { NOT_PUSHED } from "../../policy/not-pushed";
import { consumer } from "../../policy/roles/consumer";
import { operator } from "../../policy/roles/operator";
import { sparkplugEdgeNode } from "../../policy/roles/sparkplug-edge-node";
import { sparkplugHost } from "../../policy/roles/sparkplug-host";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import type { IdentityDeclaration, Site } from "../../policy/site";

const LINES = Array.from({ length: 20 }, (_, index) => `line${index + 1}`);
const AREAS = ["boilers", "chillers", "compressors", "metering", "yard"];
const DEVICES = 9_980;

const pick = <Item>(list: readonly Item[], index: number): Item => list[index % list.length]!;

/** Two of five are Sparkplug gateways on twenty lines, the others plain sensors in five areas. */
const device = (index: number): IdentityDeclaration => {
  const number = String(index).padStart(5, "0");
  return index % 5 < 2
    ? { name: `gw-${number}`, role: sparkplugEdgeNode({ group: pick(LINES, index) }) }
    : { name: `sensor-${number}`, role: telemetryDevice({ area: pick(AREAS, index) }) };
};

/** A site of 10,000 identities: 9,980 devices and 20 enterprise clients. */
export const tenThousandDevices = (): Site =>
  defineSite({
    name: "ten-thousand",
    host: "mqtt.ten-thousand.example.com",
    aws: {
      account: "123456789012",
      region: "eu-central-1",
      zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
      deployerRole: "arn:aws:iam::123456789012:role/deployer",
    },
    broker: { image: NOT_PUSHED, size: "large" },
    capacity: 10_000,
    edge: Array.from({ length: DEVICES }, (_, index) => device(index)),
    enterprise: [
      { name: "scada-a", role: sparkplugHost({ groups: LINES.slice(0, 10) }) },
      { name: "scada-b", role: sparkplugHost({ groups: LINES.slice(10) }) },
      { name: "historian", role: consumer({ groups: LINES, areas: AREAS }) },
      ...Array.from({ length: 7 }, (_, index) => ({ name: `operator-${index + 1}`, role: operator() })),
      ...LINES.slice(0, 10).map((group) => ({ name: `andon-${group}`, role: consumer({ groups: [group] }) })),
    ],
  });

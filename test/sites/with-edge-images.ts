import { defineSite } from "../../policy/define-site";
import { operator } from "../../policy/roles/operator";
import { sparkplugEdgeNode } from "../../policy/roles/sparkplug-edge-node";
import { sparkplugHost } from "../../policy/roles/sparkplug-host";
import { telemetryDevice } from "../../policy/roles/telemetry-device";
import { updater } from "../../policy/roles/updater";
import type { Site } from "../../policy/site";

const image = (deviceClass: string, version: string, number: number) => ({
  deviceClass,
  version,
  snapshot: `snap-0123456789abcde0${number}`,
  published: "2026-05-31",
  ...(deviceClass === "press" && { architecture: "arm64" as const }),
});

/** A site whose devices run as EC2 instances of two classes, one of them for arm64, from images that another account may start, too. */
export const siteWithEdgeImages = (): Site =>
  defineSite({
    name: "with-images",
    host: "mqtt.with-images.example.com",
    aws: {
      account: "123456789012",
      region: "eu-central-1",
      zones: ["eu-central-1a", "eu-central-1b"],
      deployerRole: "arn:aws:iam::123456789012:role/deployer",
    },
    // A plan refuses a site without one.
    broker: {
      image: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/mqtt-dmz/broker@sha256:${"ab".repeat(32)}`,
    },
    edge: [
      { name: "gw-1", role: sparkplugEdgeNode({ group: "line1", primaryHost: "scada" }) },
      { name: "press-1", role: telemetryDevice({ area: "hall" }), deviceClass: "press" },
    ],
    enterprise: [
      { name: "scada", role: sparkplugHost({ groups: ["line1"] }) },
      { name: "updates", role: updater({ groups: ["line1"], areas: ["hall"] }) },
      { name: "operator", role: operator() },
    ],
    deviceClasses: { press: { architecture: "arm64" } },
    edgeImages: {
      images: [image("gateway", "1.5.0", 1), image("gateway", "1.4.0", 2), image("press", "1.0.0", 3)],
      shareWith: ["210987654321"],
    },
  });

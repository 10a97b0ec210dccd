import { join } from "node:path";
import { CONTAINER_USER, PORTS } from "../../policy/deployment";
import { EDGE_USER } from "../../policy/edge-device";
import { IMAGE_NAME } from "./image-name";

/** What one of our container images is: the rules that it keeps, and where it is described. */
export interface ImageForm {
  /** In its signature and its bill of materials. */
  readonly name: string;
  readonly containerfile: string;
  /** `uid:gid` */
  readonly user: string;
  /** The bundled program, in the image's /app. */
  readonly program: string;
  /** TCP ports that it listens on. */
  readonly ports: readonly number[];
}

const ROOT = join(__dirname, "../..");

export const BROKER_FORM: ImageForm = {
  name: IMAGE_NAME,
  containerfile: join(ROOT, "broker/Containerfile"),
  user: `${CONTAINER_USER.uid}:${CONTAINER_USER.gid}`,
  program: "broker.cjs",
  ports: [PORTS.https, PORTS.mqtt],
};

/** The edge agent, for a gateway that keeps its own system. */
export const AGENT_FORM: ImageForm = {
  name: "mqtt-dmz-edge-agent",
  containerfile: join(ROOT, "edge-image/container/Containerfile"),
  user: `${EDGE_USER.uid}:${EDGE_USER.gid}`,
  program: "agent.cjs",
  ports: [],
};

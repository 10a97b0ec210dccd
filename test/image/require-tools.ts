import { findTool } from "../e2e/find-tool";

const TOOLS = {
  buildah: "apt-get install buildah",
  "docker-registry": "apt-get install docker-registry",
  "dpkg-deb": "apt-get install dpkg",
  ip: "apt-get install iproute2",
  mmdebstrap: "apt-get install mmdebstrap",
  moto_server: "pip install 'moto[server]' (tried with 5.2.1)",
  openssl: "apt-get install openssl",
  podman: "apt-get install podman",
  runc: "apt-get install runc",
  skopeo: "apt-get install skopeo",
};

/** @throws Error that names every program the suite needs and does not find */
export default function requireTools(): void {
  const missing = Object.entries(TOOLS).filter(([name, how]) => {
    try {
      findTool(name, how);
      return false;
    } catch {
      return true;
    }
  });
  if (missing.length === 0) return;
  const lines = missing.map(([name, how]) => `  ${name}: ${how}`);
  throw new Error(`npm run test:image needs programs that are not on the PATH:\n${lines.join("\n")}`);
}

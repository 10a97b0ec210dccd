// Runs in the container in the broker's place, by the image's own entry point: says what a process there can see and do.
const { accessSync, constants, existsSync, readFileSync, readdirSync, writeFileSync } = require("node:fs");
const { createServer } = require("node:net");

const attempt = (action) => {
  try {
    action();
    return "done";
  } catch (error) {
    return error.code;
  }
};
const status = Object.fromEntries(
  readFileSync("/proc/self/status", "utf8")
    .split("\n")
    .map((line) => line.split(":\t")),
);
const programs = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin"]
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`));
const writable = ["/", "/app", "/etc", "/tmp", "/usr/bin", "/var/lib/dmz", "/run"].filter(
  (folder) => attempt(() => writeFileSync(`${folder}/probe`, "")) === "done",
);
const listen = (port) =>
  new Promise((resolve) => {
    const server = createServer().once("error", (error) => resolve(error.code));
    server.listen(port, "0.0.0.0", () => server.close(() => resolve("done")));
  });

void (async () => {
  const found = {
    node: process.version,
    uid: status.Uid,
    gid: status.Gid,
    capabilities: ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map((name) => status[name]),
    noNewPrivileges: status.NoNewPrivs,
    seccomp: status.Seccomp,
    programs,
    shell: attempt(() => accessSync("/bin/sh", constants.F_OK)),
    writable,
    rootWrite: attempt(() => writeFileSync("/probe", "")),
    listen443: await listen(443),
    listen8883: await listen(8883),
    roots: readFileSync("/etc/ssl/certs/ca-certificates.crt", "utf8").split("BEGIN CERTIFICATE").length - 1,
    zone: new Date(0).toLocaleString("sv", { timeZone: "Europe/Berlin" }),
    secret: process.env.PROBE_SECRET,
  };
  process.stdout.write(`${JSON.stringify(found)}\n`);
})();

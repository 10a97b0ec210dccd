import { CommandError } from "../command-error";
import { BROKER_FORM } from "./image-form";
import type { TarEntry } from "./tar-entries";

/** The part of the OCI image configuration that the rules are about. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly config: {
    readonly User?: string;
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly ExposedPorts?: Readonly<Record<string, unknown>>;
    readonly StopSignal?: string;
  };
}

/** What the rules look at of a file in the image. */
export type RuledFile = Pick<TarEntry, "path" | "type" | "mode">;

const SHELL = /(^|\/)(sh|ash|bash|busybox|csh|dash|fish|ksh|ksh93|mksh|tcsh|toybox|zsh)$/;
const PROGRAM_FOLDER = /^(usr\/)?(local\/)?s?bin\//;

/**
 * What every image of ours keeps, whatever its base is.
 * @throws CommandError that lists all faults at once
 */
export function requireImageRules({ config }: ImageConfig, files: readonly RuledFile[], form = BROKER_FORM): void {
  const faults: string[] = [];
  const must = (what: string, wanted: string, got: string | undefined) => {
    if (got !== wanted) faults.push(`${what} must be ${wanted}, got ${got ?? "nothing"}`);
  };
  must("User", form.user, config.User);
  must("Entrypoint", `/usr/bin/node /app/${form.program}`, config.Entrypoint?.join(" "));
  // A base's Cmd would be handed to the program as arguments.
  must("Cmd", "", config.Cmd?.join(" ") ?? "");
  must("StopSignal", "SIGTERM", config.StopSignal);
  const ports = Object.keys(config.ExposedPorts ?? {}).sort();
  must("ExposedPorts", form.ports.map((port) => `${port}/tcp`).join(" "), ports.join(" "));

  const shells = files.filter(({ path }) => PROGRAM_FOLDER.test(path) && SHELL.test(path));
  if (shells.length) {
    const names = shells.map(({ path }) => `/${path}`).join(", ");
    faults.push(`it must have no shell, has ${names}: choose a base without one (distroless "cc", or debian-packages)`);
  }
  const raised = files.filter(({ mode, type }) => type === "file" && (mode & 0o6000) !== 0);
  if (raised.length) {
    faults.push(`no file may be set-user-id or set-group-id, ${raised.map(({ path }) => `/${path}`).join(", ")} is`);
  }
  if (faults.length)
    throw new CommandError(`the image breaks its rules: ${faults.join("; ")}`, "correct the base or the Containerfile");
}

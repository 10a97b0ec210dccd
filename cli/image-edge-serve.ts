import { join } from "node:path";
import { architectureOf, DEFAULT_ARCHITECTURE } from "../policy/architecture";
import { CommandError } from "./command-error";
import { chooseSite } from "./choose-site";
import { connectBundle } from "./edge/connect-bundle";
import { readUpdate } from "./edge/read-update";
import { serveUpdate, type UpdateEvent } from "./edge/serve-update";
import { updateDevices } from "./edge/update-devices";
import { UPDATE_KEY } from "./edge/update-signer";
import { EXIT } from "./exit-code";
import { interruption } from "./interruption";
import { createOutput } from "./output";
import { readSites } from "./read-sites";
import { requireDeviceClass } from "./require-device-class";

export interface ImageEdgeServeOptions {
  readonly percent: string;
  readonly as?: string;
  readonly key?: string;
  readonly sites?: string;
  readonly json?: boolean;
}

/** `dmz image edge serve <site> <update> --percent <n>`. */
export async function imageEdgeServe(siteName: string, file: string, options: ImageEdgeServeOptions): Promise<void> {
  const output = createOutput(options.json ?? false);
  const percent = Number(options.percent);
  if (!/^\d{1,3}$/.test(options.percent) || percent > 100)
    throw new CommandError(
      `--percent: must be a whole number from 0 to 100, got '${options.percent}'`,
      "begin with a few",
      EXIT.usage,
    );
  const { sites, folder } = readSites(options.sites, siteName);
  const site = chooseSite(siteName, sites, folder);
  const update = await readUpdate(file, options.key ?? UPDATE_KEY);
  const { deviceClass, version, architecture = DEFAULT_ARCHITECTURE } = update.manifest;
  if (update.manifest.site !== site.name)
    throw new CommandError(
      `${file}: is for site '${update.manifest.site}', this is '${site.name}'`,
      "name the site that it was built for",
    );
  requireDeviceClass(site, deviceClass);
  const declared = architectureOf(site, deviceClass);
  if (architecture !== declared)
    throw new CommandError(
      `${file}: is for ${architecture} machines, and site ${site.name} says that those of class '${deviceClass}' are ${declared}`,
      "build the class's image anew, or correct 'deviceClasses'",
    );
  const devices = updateDevices(site, deviceClass, percent);
  const told = devices.filter(({ isTold }) => isTold);
  const identity = site.identities.find(({ role }) => role.template === "updater")?.name;
  const bundle = options.as ?? (identity && join(".dmz", site.name, "clients", identity));
  if (bundle === undefined)
    throw new CommandError(
      `site ${site.name}: it has no identity that may update its devices`,
      'declare one in \'enterprise\', for example { name: "updates", role: updater({ areas: ["utilities"] }) }',
      EXIT.usage,
    );
  const interrupted = interruption();
  const client = await connectBundle(bundle);
  try {
    output.event("serving", { version, deviceClass, devices: devices.length, told: told.map(({ name }) => name) });
    output.text(`Version ${version} for ${deviceClass}: ${told.length} of ${devices.length} devices are told.`);
    output.text("Ctrl-C stops; devices go on where they stopped once this runs again.");
    const failed = await serveUpdate(
      {
        client,
        devices,
        update,
        percent,
        onEvent: (event) => {
          output.event(event.event, { ...event });
          output.text(`  ${event.device}: ${inWords(event)}`);
        },
      },
      interrupted.signal,
    );
    output.event("served", { version, failed });
    if (failed.length > 0)
      throw new CommandError(
        `version ${version}: ${failed.join(", ")} did not take it`,
        "their health topics say why; each is told again when this runs again",
      );
    if (!interrupted.signal.aborted) output.text("Every device that was told runs it.");
  } finally {
    await client.endAsync();
    interrupted.dispose();
  }
}

const inWords = (event: UpdateEvent): string => {
  if (event.event === "fetching") return `fetching, ${event.percent} %`;
  return event.event === "failed" ? `failed, ${event.reason}` : event.event;
};

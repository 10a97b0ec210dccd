import { DEVICE_CLASS_RULE, isDeviceClass } from "../policy/device-class";
import type { Site } from "../policy/site";
import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";

/** @throws CommandError unless a device of the site is of the class: what is made for it would be nobody's */
export function requireDeviceClass(site: Pick<Site, "name" | "identities">, deviceClass: string): void {
  if (!isDeviceClass(deviceClass))
    throw new CommandError(`device-class: ${DEVICE_CLASS_RULE}, got '${deviceClass}'`, "correct it", EXIT.usage);
  const classes = [...new Set(site.identities.map((identity) => identity.deviceClass).filter(Boolean))];
  if (classes.includes(deviceClass)) return;
  const known = classes.length > 0 ? `its classes are ${classes.join(", ")}` : "it has no edge devices";
  throw new CommandError(`site ${site.name}: no edge device is of class '${deviceClass}'`, known, EXIT.usage);
}

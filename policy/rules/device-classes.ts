import { ARCHITECTURES, DEFAULT_ARCHITECTURE } from "../architecture";
import type { Report } from "../fault";
import { field } from "../field";
import type { Identity } from "../site";
import { checkClosedWord } from "./closed-word";
import { checkKeys } from "./known-keys";
import { nearest } from "./nearest";

/** What the classes of edge devices are. A class that no device has is a misspelt one, and its image would be the wrong one. */
export const checkDeviceClasses = (
  path: string,
  value: unknown,
  identities: readonly Pick<Identity, "deviceClass">[],
  report: Report,
): void => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return report(path, "must be an object with one entry a class", value, 'write { "gateway-arm": { ... } }');
  const known = [...new Set(identities.flatMap(({ deviceClass }) => deviceClass ?? []))];
  for (const [name, declared] of Object.entries(value)) {
    const at = `${path}.${name}`;
    if (!known.includes(name)) {
      const meant = nearest(name, known);
      const fix = meant === undefined ? "name it as 'deviceClass' of a device in 'edge'" : `did you mean '${meant}'?`;
      report(at, "must be the class of an edge device", name, fix);
    }
    if (!checkKeys(at, declared, ["architecture"], report)) continue;
    const architecture = field(declared, "architecture");
    if (architecture !== undefined) checkClosedWord(`${at}.architecture`, architecture, ARCHITECTURES, report);
  }
};

/** A published image is what it is: registered with another processor, it starts nowhere. */
export const checkImageArchitectures = (path: string, images: unknown, classes: unknown, report: Report): void => {
  if (!Array.isArray(images)) return;
  images.forEach((image: unknown, index) => {
    const ofImage = field(image, "architecture") ?? DEFAULT_ARCHITECTURE;
    const ofClass = field(field(classes, String(field(image, "deviceClass"))), "architecture") ?? DEFAULT_ARCHITECTURE;
    if (ofImage === ofClass) return;
    const rule = `must be that of its device class, "${String(ofClass)}"`;
    report(
      `${path}[${index}].architecture`,
      rule,
      ofImage,
      "give machines with another processor a class of their own",
    );
  });
};

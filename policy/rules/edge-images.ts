import { DEVICE_CLASS_RULE, isDeviceClass } from "../device-class";
import type { Report } from "../fault";
import { field } from "../field";
import { isImageVersion } from "../image-version";
import { checkKeys } from "./known-keys";

const whole = (value: unknown, least: number, most: number): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;

const isDate = (value: unknown): boolean =>
  typeof value === "string" &&
  /^\d{4}-\d\d-\d\d$/.test(value) &&
  !Number.isNaN(Date.parse(value)) &&
  new Date(value).toISOString().startsWith(value);

const checkImage = (path: string, image: unknown, report: Report): void => {
  if (!checkKeys(path, image, ["deviceClass", "version", "architecture", "snapshot", "published"], report)) return;
  const wrong = (key: string, rule: string): void =>
    report(`${path}.${key}`, rule, field(image, key), "write what 'dmz image edge publish' prints");
  if (!isDeviceClass(field(image, "deviceClass"))) wrong("deviceClass", DEVICE_CLASS_RULE);
  if (!isImageVersion(field(image, "version"))) wrong("version", "must be whole numbers with dots");
  if (!/^snap-[0-9a-f]{8,17}$/.test(String(field(image, "snapshot")))) wrong("snapshot", "must be a snapshot's id");
  if (!isDate(field(image, "published"))) wrong("published", "must be a date, as 2026-05-31");
};

/** The published images, each version of a class once; accounts to share with by number, never all the world. */
export const checkEdgeImages = (path: string, value: unknown, account: unknown, report: Report): void => {
  if (!checkKeys(path, value, ["images", "shareWith", "keep", "deprecateAfterDays"], report)) return;
  const images = field(value, "images");
  if (!Array.isArray(images)) report(`${path}.images`, "must be a list", images, "write images: [] to begin with");
  else {
    images.forEach((image, index) => checkImage(`${path}.images[${index}]`, image, report));
    const names = images.map((image) => `${String(field(image, "deviceClass"))} ${String(field(image, "version"))}`);
    names.forEach((name, index) => {
      if (names.indexOf(name) < index)
        report(`${path}.images[${index}]`, "must be a version that its class does not have yet", name, "remove one");
    });
  }
  const shareWith = field(value, "shareWith") ?? [];
  if (!Array.isArray(shareWith)) report(`${path}.shareWith`, "must be a list of accounts", shareWith, "write a list");
  else
    shareWith.forEach((other: unknown, index) => {
      const at = `${path}.shareWith[${index}]`;
      if (!/^\d{12}$/.test(String(other)) || typeof other !== "string")
        report(at, "must be an AWS account, twelve digits in quotes", other, "name each account");
      else if (other === account) report(at, "must be another account than the site's own", other, "remove it");
      else if (shareWith.indexOf(other) < index) report(at, "must be named once", other, "remove it");
    });
  const keep = field(value, "keep");
  if (keep !== undefined && !whole(keep, 1, 20))
    report(`${path}.keep`, "must be a whole number from 1 to 20", keep, "leave it out for 3");
  const days = field(value, "deprecateAfterDays");
  // EC2 takes a time within ten years ("Deprecate an Amazon EC2 AMI").
  if (days !== undefined && !whole(days, 1, 3_650))
    report(`${path}.deprecateAfterDays`, "must be 1 to 3650 days", days, "leave it out for 365");
};

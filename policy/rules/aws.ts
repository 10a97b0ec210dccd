import { field } from "../field";
import type { Report } from "../fault";
import { checkCidr } from "./cidr";
import { checkKeys } from "./known-keys";

/**
 * Regions of the partition `aws`, which every ARN and name of the kit is in: not China's, GovCloud's or the isolated ones
 * ("Regions and Zones" in the AWS General Reference).
 */
const REGION = /^(af|ap|ca|eu|il|me|mx|sa|us)-(central|(north|south)(east|west)?|east|west)-[1-9]$/;
const ROLE_ARN = /^arn:aws:iam::(\d{12}):role\/[\w+=,.@/-]{1,512}$/;

/** @param region undefined when it is no region: then a zone needs only the shape of one. */
const isZone = (zone: unknown, region: string | undefined): boolean =>
  typeof zone === "string" &&
  /^[a-z]$/.test(zone.slice(-1)) &&
  REGION.test(zone.slice(0, -1)) &&
  [undefined, zone.slice(0, -1)].includes(region);

const checkZones = (path: string, value: unknown, region: string | undefined, report: Report): void => {
  const example = region ?? "eu-central-1";
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) {
    report(
      path,
      "must list two or three availability zones",
      value,
      `write for example ["${example}a", "${example}b"]`,
    );
    if (!Array.isArray(value)) return;
  }
  const zones: readonly unknown[] = value;
  for (const [index, zone] of zones.entries()) {
    const rule = region === undefined ? "must be an availability zone" : `must be a zone of the region ${region}`;
    if (!isZone(zone, region)) report(`${path}[${index}]`, rule, zone, `write for example "${example}a"`);
    else if (zones.indexOf(zone) < index)
      report(`${path}[${index}]`, "must be listed once", zone, "name another zone: two in one zone fail together");
  }
};

const checkDeployerRole = (path: string, value: unknown, account: unknown, report: Report): void => {
  const parts = typeof value === "string" ? ROLE_ARN.exec(value) : null;
  const owner = typeof account === "string" && /^\d{12}$/.test(account) ? account : undefined;
  const example = `arn:aws:iam::${owner ?? "123456789012"}:role/deployer`;
  if (parts === null) {
    const session = typeof value === "string" && value.includes(":assumed-role/");
    const fix = session ? "name the role itself, not a session of it" : "write the role that runs Terraform";
    report(path, "must be the ARN of an IAM role", value, `${fix}, for example "${example}"`);
  } else if (owner !== undefined && parts[1] !== owner) {
    report(path, `must be a role of the account ${owner}`, value, `write for example "${example}"`);
  }
};

/** Account, region, zones, deployer's role and address range. */
export const checkAws = (path: string, value: unknown, report: Report): void => {
  if (!checkKeys(path, value, ["account", "region", "zones", "deployerRole", "cidr"], report)) return;
  const [account, region] = [field(value, "account"), field(value, "region")];
  if (typeof account !== "string" || !/^\d{12}$/.test(account)) {
    const fix =
      typeof account === "number" ? "quote it: a number loses leading zeros" : 'write for example "123456789012"';
    report(`${path}.account`, "must be twelve digits in a string", account, fix);
  }
  const known = typeof region === "string" && REGION.test(region) ? region : undefined;
  if (known === undefined)
    report(
      `${path}.region`,
      'must be an AWS region of the partition "aws"',
      region,
      'write for example "eu-central-1", without a zone\'s letter',
    );
  checkZones(`${path}.zones`, field(value, "zones"), known, report);
  checkDeployerRole(`${path}.deployerRole`, field(value, "deployerRole"), account, report);
  if (field(value, "cidr") !== undefined) checkCidr(`${path}.cidr`, field(value, "cidr"), report);
};

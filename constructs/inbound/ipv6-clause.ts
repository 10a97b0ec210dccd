import { fault, type Clause } from "./clause";
import { everyAttribute, isOff } from "./literal";

const FAMILY: ReadonlySet<string> = new Set(["ip_address_type", "dns_record_ip_type", "address_family"]);
const FIX = "the kit is IPv4-only (promise P1): a second family would open what the first one closes";

/** No IPv6 anywhere, in or out: no range, no address, no dual stack. By attribute name, so that new resources count too. */
export const ipv6Clause: Clause = ({ path, attributes }) =>
  [...everyAttribute(attributes)].flatMap(([key, value]) => {
    if (/ipv6/i.test(key) && !isOff(value)) return [fault(path, key, "must be absent", value, FIX)];
    if (FAMILY.has(key) && !isOff(value) && String(value).toLowerCase() !== "ipv4")
      return [fault(path, key, "must be 'ipv4'", value, FIX)];
    return [];
  });

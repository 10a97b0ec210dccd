import type { Report } from "../fault";

const LABEL = /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

const isHostName = (text: string): boolean => {
  const labels = text.split(".");
  // A last label that is a number, hexadecimal too, makes it an address to some (RFC 1123, section 2.1; WHATWG URL, 3.5).
  return (
    text.length <= 253 &&
    labels.length >= 2 &&
    labels.every((label) => LABEL.test(label)) &&
    !/^(\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? "")
  );
};

const fixFor = (value: unknown): string => {
  if (typeof value !== "string") return 'write the DNS name clients connect to, for example "mqtt.example.com"';
  if (IPV4.test(value) || /^\[?[0-9a-f]*:[0-9a-f:.]*:/i.test(value))
    return "write a DNS name: addresses change, and the server certificate carries the name";
  const bare = value
    .replace(/^[a-z]+:\/\//i, "")
    .replace(/[:/].*$/, "")
    .replace(/\.$/, "");
  return isHostName(bare) ? `write the name alone: "${bare}"` : 'write a full name, for example "mqtt.example.com"';
};

/** The public DNS name: RFC 1123 syntax, at least two labels, no address, no scheme, no port. */
export const checkHostName = (path: string, value: unknown, report: Report): void => {
  if (typeof value === "string" && isHostName(value)) return;
  report(path, "must be a host name (RFC 1123) with at least two labels, and no IP address", value, fixFor(value));
};

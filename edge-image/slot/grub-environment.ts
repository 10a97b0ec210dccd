/** First line of GRUB's environment block (GRUB manual, "The GRUB environment block"). */
const SIGNATURE = "# GRUB Environment Block\n";

/** Bytes: GRUB writes into the file's place on the disk, and never makes it longer. */
const SIZE = 1024;

/**
 * An environment block: lines of `name=value`, filled up with `#`.
 * @param values without line breaks and backslashes
 * @param size bytes @default 1024, which is GRUB's own size
 * @throws Error if they do not fit
 */
export const grubEnvironment = (values: Readonly<Record<string, string>>, size = SIZE): Buffer => {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  const text = SIGNATURE + lines.join("");
  if (/\\/.test(text) || lines.some((line) => line.indexOf("\n") !== line.length - 1))
    throw new Error(`GRUB's environment takes neither line breaks nor backslashes: ${lines.join("")}`);
  if (text.length > size) throw new Error(`GRUB's environment must be below ${size} bytes, got ${text.length}`);
  return Buffer.from(text.padEnd(size, "#"));
};

/** @returns what a block holds; undefined if it is none, as when the power was cut while GRUB wrote it */
export const parseGrubEnvironment = (block: Buffer): Readonly<Record<string, string>> | undefined => {
  const text = block.toString("latin1");
  if (!text.startsWith(SIGNATURE)) return undefined;
  const lines = text.split("\n").filter((line) => !line.startsWith("#") && line.includes("="));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
};

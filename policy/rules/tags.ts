import type { Report } from "../fault";

/** AWS allows 50 a resource; the kit adds some of its own. */
const MAX_TAGS = 40;
/** What every AWS service accepts in keys and values ("Tagging your AWS resources", tag naming limits). */
const CHARACTERS = /^[\p{L}\p{N}\p{Zs}_.:/=+@-]*$/u;

const checkKey = (path: string, key: string, report: Report): void => {
  if (key.length < 1 || key.length > 128 || !CHARACTERS.test(key))
    report(path, "must have a key of 1 to 128 letters, digits, spaces or _ . : / = + - @", key, "rename the tag");
  if (/^aws:/i.test(key)) report(path, "must not begin with 'aws:', which AWS reserves", key, "rename the tag");
};

/** Within AWS's limits on tags, so that the fault shows here and not in the middle of an apply. */
export const checkTags = (path: string, value: unknown, report: Report): void => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    report(path, "must be an object of tag keys and values", value, 'write for example { plant: "riverside" }');
    return;
  }
  const tags = Object.entries(value);
  if (tags.length > MAX_TAGS) report(path, `must have at most ${MAX_TAGS} tags`, tags.length, "remove some");
  const seen = new Map<string, string>();
  for (const [key, text] of tags as readonly (readonly [string, unknown])[]) {
    const tag = `${path}[${JSON.stringify(key)}]`;
    checkKey(tag, key, report);
    const twin = seen.get(key.toLowerCase());
    if (twin !== undefined)
      report(tag, "must differ from other keys in more than case, as IAM asks", key, `drop it or '${twin}'`);
    seen.set(key.toLowerCase(), key);
    if (typeof text !== "string" || text.length > 256 || !CHARACTERS.test(text))
      report(
        tag,
        "must be a text of up to 256 letters, digits, spaces or _ . : / = + - @",
        text,
        "shorten or reword it",
      );
  }
};

import { field } from "../field";
import type { Report } from "../fault";
import { checkClosedWord } from "./closed-word";
import { checkKeys } from "./known-keys";

const IMAGE = /^[a-z0-9.-]+(:\d{1,5})?(\/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$/;

/** Image by digest (decision 11) and task size. */
export const checkBroker = (path: string, value: unknown, report: Report): void => {
  if (!checkKeys(path, value, ["image", "size"], report)) return;
  const image = field(value, "image");
  if (typeof image !== "string" || !IMAGE.test(image))
    report(
      `${path}.image`,
      "must name the image by digest: <registry>/<repository>@sha256:<64 lower-case hex digits>",
      image,
      "paste what `dmz image push` printed, or NOT_PUSHED before the first push: a tag could be moved to another image",
    );
  const size = field(value, "size");
  if (size !== undefined) checkClosedWord(`${path}.size`, size, ["small", "medium", "large"], report);
};

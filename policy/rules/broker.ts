import { field } from "../field";
import type { Report } from "../fault";
import { NOT_PUSHED } from "../not-pushed";
import { checkClosedWord } from "./closed-word";
import { checkKeys } from "./known-keys";

const IMAGE = /^[a-z0-9.-]+(:\d{1,5})?(\/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$/;

const inEcr = (image: string, region: string): boolean =>
  /^\d{12}\.dkr\.ecr\./.test(image) && image.slice(12).startsWith(`.dkr.ecr.${region}.amazonaws.com/`);

/** Image by digest, in ECR in the site's own region, since an isolated task reaches no other registry; and task size. */
export const checkBroker = (path: string, value: unknown, region: unknown, report: Report): void => {
  if (!checkKeys(path, value, ["image", "size"], report)) return;
  const image = field(value, "image");
  if (typeof image !== "string" || !IMAGE.test(image))
    report(
      `${path}.image`,
      "must name the image by digest: <registry>/<repository>@sha256:<64 lower-case hex digits>",
      image,
      "paste what `dmz image push` printed, or NOT_PUSHED before the first push: a tag could be moved to another image",
    );
  else if (image !== NOT_PUSHED && typeof region === "string" && !inEcr(image, region))
    report(
      `${path}.image`,
      `must be in ECR in the site's region, ${region}: <account>.dkr.ecr.${region}.amazonaws.com/<repository>@sha256:...`,
      image,
      "push it with `dmz image push`, and paste what that printed: the tasks reach no other registry",
    );
  const size = field(value, "size");
  if (size !== undefined) checkClosedWord(`${path}.size`, size, ["small", "medium", "large"], report);
};

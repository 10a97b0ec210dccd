import { IDENTITY } from "../access-document";
import { field } from "../field";
import type { Role } from "../role";
import { levelFault } from "./level-fault";
import { parameterText } from "./parameter-text";
import { unknownParameters } from "./unknown-parameters";

/**
 * A device that speaks plain MQTT: it publishes below `<site>/<area>/<its name>/` (`data/#`, `event/#`, and `status`,
 * also its will) and reads its own `cmd/#`.
 *
 * @param parameters.area part of the plant, one topic level.
 */
export const telemetryDevice = (parameters: { readonly area: string }): Role => {
  const area = field(parameters, "area");
  return {
    id: `telemetry-device:${parameterText(area)}`,
    template: "telemetry-device",
    faults: [...unknownParameters(parameters, ["area"]), ...levelFault("area", area)],
    grants: (site) => {
      const own = `${site}/${parameters.area}/${IDENTITY}`;
      return { publish: [`${own}/data/#`, `${own}/event/#`, `${own}/status`], subscribe: [`${own}/cmd/#`] };
    },
  };
};

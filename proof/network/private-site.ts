import type { Property, Step } from "../verdict";
import { INTERNET } from "./addresses";
import { show } from "./flow";
import { HeaderSet } from "./header-set";
import { judge, type NetworkInput } from "./network-input";
import { countText } from "../report/number-text";

/** Promise P6, for a site that is declared private. */
export const privateSite: Property<NetworkInput> = {
  id: "private-site",
  what: "No internet address reaches anything of a private site, and no internet gateway is attached to it.",
  why: "A private site is safe from strangers even if a rule is wrong, because there is no way at all.",
  promises: ["P6"],
  controls: ["PR.AC-5", "M0937", "IEC 62443-3-3 SR 5.1"],
  check: ({ network, flows }) => {
    const strangers = HeaderSet.of({ source: INTERNET });
    const reached = [...flows.internet, ...flows.links].flatMap((flow) => {
      const set = flow.set.intersect(strangers);
      return set.isEmpty ? [] : [show({ ...flow, fromZone: "internet" }, set)];
    });
    const gateways = [...network.vpcs.values()].flatMap(({ internetGateway }): Step[] =>
      internetGateway ? [internetGateway] : [],
    );
    const attached = gateways.map((gateway) => ({ source: "the internet", target: gateway.at, path: [gateway] }));
    const checked = network.nodes.length + network.sockets.length;
    const says = `of ${countText(checked, "interface")}, none can be reached, and no internet gateway is attached`;
    return judge(network, { violations: [...reached, ...attached] }, { checked, says });
  },
};

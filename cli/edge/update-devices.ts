import { edgeDevice } from "../../policy/edge-device";
import { shardOf } from "../../policy/shard";
import type { Site } from "../../policy/site";

/** A device that an update is for, and where it is spoken to. */
export interface UpdateDevice {
  readonly name: string;
  /** Topics of a plain device; a Sparkplug node has `group`. */
  readonly prefix?: string;
  readonly group?: string;
  /** Is its stable share below the percentage? Only then it is told. */
  readonly isTold: boolean;
}

/** The devices of a class that can be updated over MQTT, in the order of the declaration. */
export const updateDevices = (site: Site, deviceClass: string, percent: number): readonly UpdateDevice[] =>
  site.identities
    .filter((identity) => identity.deviceClass === deviceClass)
    .flatMap((identity): readonly UpdateDevice[] => {
      const { prefix, sparkplug } = edgeDevice(identity, []);
      const isTold = shardOf(identity.name, 100) < percent;
      if (sparkplug) return [{ name: identity.name, group: sparkplug.group, isTold }];
      return prefix === undefined ? [] : [{ name: identity.name, prefix, isTold }];
    });

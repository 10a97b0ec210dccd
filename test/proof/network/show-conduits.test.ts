import { describe, expect, test } from "@jest/globals";
import { HeaderSet } from "../../../proof/network/header-set";
import { IntervalSet } from "../../../proof/interval-set";
import { showPorts } from "../../../proof/network/show-conduits";

const box = (protocol: number, ...ports: readonly (readonly [number, number])[]) =>
  HeaderSet.of({
    protocol: IntervalSet.ofNumbers([protocol, protocol]),
    ...(ports.length > 0 && { port: IntervalSet.ofNumbers(...ports) }),
  });

describe("ports in words", () => {
  test.each([
    ["neighbouring ports are one range", [box(6, [443, 443]), box(6, [444, 450])], ["tcp 443-450"]],
    ["each protocol is told apart", [box(17, [53, 53]), box(6, [53, 53])], ["tcp 53", "udp 53"]],
    ["a whole protocol needs no numbers", [box(6)], ["tcp"]],
    ["other protocols have no ports", [box(47)], ["protocol 47"]],
    ["everything is everything", [box(6, [22, 22]), HeaderSet.ALL], ["every protocol"]],
    ["nothing is nothing", [], []],
  ])("%s", (_, sets, words) => {
    expect(showPorts(HeaderSet.union(sets))).toEqual(words);
  });
});

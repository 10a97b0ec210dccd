import { expect, test } from "@jest/globals";
import { Ledger, type Copy } from "./ledger";

const first: Copy = { dup: false, packetId: 7, connection: 1, releasedOn: undefined };

test("a message that came twice at QoS 2 is reported with all that tells why", () => {
  const ledger = new Ledger();
  ledger.subscriber("scada");
  const message = { from: "gw-2", number: 12, qos: 2 } as const;
  ledger.sent(message);
  ledger.acknowledged(message);
  ledger.received("scada", message, first);
  expect(ledger.account).toMatchObject({ duplicatedAtQos2: 0, lost: 0, examples: [] });
  ledger.received("scada", message, { dup: true, packetId: 7, connection: 2, releasedOn: 1 });
  expect(ledger.account).toMatchObject({
    duplicatedAtQos2: 1,
    examples: [
      "gw-2/12 to scada as 7 on connection 1, " +
        "then as 7 with DUP on connection 2 (PUBREL for 7 had come on connection 1)",
    ],
  });
});

test("a second copy at QoS 1 is allowed with DUP, or where its publisher sent it twice", () => {
  const ledger = new Ledger();
  const came = (number: number, sent: number, dup: boolean): void => {
    const message = { from: "gw-1", number, qos: 1 } as const;
    for (let i = 0; i < sent; i++) ledger.sent(message);
    ledger.received("scada", message, first);
    ledger.received("scada", message, { ...first, dup });
  };
  came(1, 1, true);
  came(2, 2, false);
  expect(ledger.account).toMatchObject({ duplicated: 2, unmarked: 0 });
  came(3, 1, false);
  expect(ledger.account).toMatchObject({ duplicated: 3, unmarked: 1 });
});

import type { Qos } from "../mqtt/packet";
import type { Message } from "./message";
import type { Outlet } from "./outlet";

/** Where one client's queue leaves to: its connection while it has one, unless that is held or the client is behind. */
export class QueueExit {
  #outlet: Outlet | undefined;
  #holds = 0;
  #awaiting = false;

  /** @param onRelief the client was behind and has caught up. */
  constructor(private readonly onRelief: () => void) {}

  get isConnected(): boolean {
    return this.#outlet !== undefined;
  }

  get isOpen(): boolean {
    return this.#outlet !== undefined && this.#holds === 0;
  }

  /** The client does not read as fast as it is sent to. */
  get isCongested(): boolean {
    return this.#outlet?.isCongested ?? false;
  }

  connect(outlet: Outlet): void {
    this.#outlet = outlet;
  }

  disconnect(): void {
    this.#outlet = undefined;
    this.#holds = 0;
  }

  hold(): void {
    this.#holds += 1;
  }

  resume(): void {
    this.#holds = Math.max(0, this.#holds - 1);
  }

  /**
   * A live message at QoS 0 is the outlet's to drop when the client is behind; the others wait.
   * @param hasWindow whether one more may be under way above QoS 0.
   */
  takes(qos: Qos, retain: boolean, hasWindow: boolean): boolean {
    if (!this.#outlet) return false;
    if (qos === 0) return !retain || !this.#outlet.isCongested;
    return hasWindow && !this.#outlet.isCongested;
  }

  publish({ topic, payload }: Message, qos: Qos, retain: boolean, messageId: number, dup: boolean): void {
    this.#outlet?.send({ cmd: "publish", topic, payload, qos, retain, dup, messageId });
  }

  release(messageId: number): void {
    this.#outlet?.send({ cmd: "pubrel", messageId });
  }

  /** Says when the client, if it is behind, has caught up. */
  awaitRelief(): void {
    if (!this.#outlet?.isCongested || this.#awaiting) return;
    this.#awaiting = true;
    void this.#outlet.relieved().then(() => {
      this.#awaiting = false;
      this.onRelief();
    });
  }
}

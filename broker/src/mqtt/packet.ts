import type { PacketRefused } from "./packet-refused";

/** The packets a client may send (MQTT 3.1.1, section 2.2.1), decoded, in the shape Aedes expects of its parser. */
export type Packet = Connect | Publish | Acknowledgement | Subscribe | Unsubscribe | Empty | Refused | End;

/** The QoS levels of MQTT. */
export type Qos = 0 | 1 | 2;

export interface Connect {
  readonly cmd: "connect";
  readonly protocolId: "MQTT";
  readonly protocolVersion: 4;
  readonly clean: boolean;
  /** Seconds; 0: none asked for. */
  readonly keepalive: number;
  readonly clientId: string;
  readonly will?: {
    readonly topic: string;
    readonly payload: Buffer;
    readonly qos: Qos;
    readonly retain: boolean;
  };
  readonly username?: string;
  readonly password?: Buffer;
}

export interface Publish {
  readonly cmd: "publish";
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
  /** Undefined at QoS 0. */
  readonly messageId: number | undefined;
}

export interface Acknowledgement {
  readonly cmd: "puback" | "pubrec" | "pubrel" | "pubcomp";
  readonly messageId: number;
}

export interface Subscribe {
  readonly cmd: "subscribe";
  readonly messageId: number;
  readonly subscriptions: { topic: string; qos: Qos }[];
}

export interface Unsubscribe {
  readonly cmd: "unsubscribe";
  readonly messageId: number;
  readonly unsubscriptions: string[];
}

export interface Empty {
  readonly cmd: "pingreq" | "disconnect";
}

/** In the place of one that is not allowed: what came before it is handled first, nothing follows. */
export interface Refused {
  readonly cmd: "refused";
  readonly error: PacketRefused;
}

/** Behind the last one of a client that has closed its side. */
export interface End {
  readonly cmd: "end";
}

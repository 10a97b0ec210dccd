import type { Account, Connects, Latency, Throughput } from "./measurement";
import type { Qos } from "./scenarios";

/** The broker that a request is about. */
export interface Target {
  readonly port: number;
  readonly brokerPid: number;
}

/** What a generator process can be asked: one argument each, all of it JSON. `load` and `crowd` are names the asker gives. */
export interface GeneratorCalls {
  openLoad(ask: Target & { load: string; scenario: string; qos: Qos; persistent?: boolean }): void;
  saturate(ask: { load: string; warmUpMs: number; measureMs: number }): Throughput;
  pace(ask: { load: string; messagesPerSecond: number; ms: number }): Latency;
  closeLoad(ask: { load: string }): Account;
  openCrowd(ask: Target & { crowd: string; localAddress: string }): void;
  grow(ask: { crowd: string; count: number }): Connects;
  size(ask: { crowd: string }): number;
  closeCrowd(ask: { crowd: string }): void;
}

export type GeneratorCall = keyof GeneratorCalls;

export interface Request {
  readonly id: number;
  readonly call: GeneratorCall;
  readonly ask: unknown;
}

export type Response =
  { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: string };

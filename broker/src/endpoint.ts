/** One end of a TCP connection. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

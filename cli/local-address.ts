/** Clients of a local site connect by this name; the broker listens on this address, which only this machine reaches. */
export const LOCAL = { host: "localhost", address: "127.0.0.1" } as const;

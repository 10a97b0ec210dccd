// The library's containers need the metadata API before they load: this is the one file that may import the library.
import "reflect-metadata";

import { webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

// The types speak of the browser's Crypto; Node's is the same interface.
x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

export { x509 };

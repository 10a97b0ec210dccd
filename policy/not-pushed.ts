/**
 * Stands in `broker.image` until the first `dmz image push` prints the real reference. It synthesizes and plans; a
 * deployment with it starts no broker, since the registry `.invalid` can never exist (RFC 2606).
 */
export const NOT_PUSHED = `not-pushed.invalid/mqtt-dmz@sha256:${"0".repeat(64)}`;

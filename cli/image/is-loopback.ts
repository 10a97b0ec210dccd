/** Whether an image's registry is on this machine: it may speak plain HTTP, as with every such tool. Any other must have TLS. */
export const isLoopback = (image: string): boolean => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\//.test(image);

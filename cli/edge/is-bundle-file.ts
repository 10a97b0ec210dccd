/** Is this a file of an enrolment bundle that goes onto the device? What else lies there (mosquitto's settings, say) is for people. */
export const isBundleFile = (name: unknown): name is string =>
  typeof name === "string" && /^[a-z]+\.(pem|json)$|^password$/.test(name);

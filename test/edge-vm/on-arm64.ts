/** What is imported after this starts machines with an arm64 processor. */
process.env["DMZ_EDGE_ARCHITECTURE"] = "arm64";

import { createHash } from "node:crypto";

/** @returns the lower-case hex SHA-256 of the text's UTF-8 bytes, the form that manifests carry. */
export const sha256Hex = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

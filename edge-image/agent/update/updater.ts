/** Takes announcements of updates and the pieces of their images. */
export interface Updater {
  /** `UpdateAnnouncement` as JSON. */
  announced(payload: Buffer): void;
  chunk(payload: Buffer): void;
}

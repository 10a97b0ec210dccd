/** Days. Intrusions are found late; a quarter of a year is kept to look back at. */
export const LOG_RETENTION_DAYS = 90;

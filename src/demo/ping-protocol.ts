/** What the latency measurement and its client say to each other. */

/** Bytes of a message. */
export const MESSAGE_BYTES = 64;

/** What the client is asked: to open a connection, answered null, or to measure on one. */
export type PingQuestion = { open: string } | { measure: string; samples: number };

/** Microseconds there and back, one a message. */
export type PingAnswer = Float64Array;

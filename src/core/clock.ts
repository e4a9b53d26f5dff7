/** Tells the time. Core never reaches out for it, so a test can move it. */
export interface Clock {
  now(): Date;
}

/** Makes a fresh identifier: a UUIDv7, so that ids made later sort later. An id is a name, never a secret. */
export type NewId = () => string;

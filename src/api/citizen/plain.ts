/** The fields of an answer as a plain object: the answer classes only describe, nobody makes instances of them. */
export type Plain<T> = Pick<T, keyof T>;

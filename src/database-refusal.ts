import { StartError } from './running-parts.js';

/**
 * Says in one sentence why a database did not work, naming the setting its address came from; passes other errors on. Never
 * repeats the password.
 */
export function refusalOfDatabase(error: unknown, url: string, setting: string): unknown {
  if (!(error instanceof Error)) return error;
  const { host, pathname } = new URL(url);
  const where = `the database at ${host}${pathname} (${setting})`;
  if (!('code' in error) || typeof error.code !== 'string') {
    // The driver gives these two no code of their own.
    const isSilent = /timeout|Connection terminated/i.test(error.message);
    return isSilent ? new StartError(`No PostgreSQL answers for ${where}: check the address.`) : error;
  }
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: `Nothing answers for ${where}: start it, or correct the address.`,
    ENOTFOUND: `The host of ${where} does not exist: correct the address.`,
    EAI_AGAIN: `The host of ${where} can not be looked up: correct the address, or check the network.`,
    ECONNRESET: `What answers for ${where} is no PostgreSQL: correct the address.`,
    ETIMEDOUT: `There is no answer from ${where}: check the address and the network.`,
    '28P01': `The user or password is not right for ${where}: correct the address.`,
    '28000': `The user may not come in at ${where}: correct the address, or let the user in.`,
    '3D000': `There is no such database: ${where}; make it, or correct the address.`,
    '42501': `The user lacks a right in ${where}: ${error.message}; see docker/database-users.sh for the users and their roles.`,
  };
  const sentence = reasons[error.code];
  return sentence ? new StartError(sentence) : error;
}

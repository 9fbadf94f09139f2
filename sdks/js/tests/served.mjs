/** A real `amtia serve`, started by `cargo xtask test sdks`, which names it in the environment. */
import { AmtiaClient } from '@amtia/sdk';

/** The API key of a role, and its secret. */
export function key(role) {
  const names = [`AMTIA_TEST_${role}_KEY`, `AMTIA_TEST_${role}_SECRET`];
  const [apiKey, secret] = names.map((name) => process.env[name]);
  if (!apiKey || !secret) throw new Error(`${names.join(' and ')} are not set: run \`cargo xtask test sdks\``);
  return { apiKey, secret };
}

/** A client with the key of a role. */
export const connect = (role, options = {}) => new AmtiaClient({ ...key(role), ...options });

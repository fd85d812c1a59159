import type { MongodbAuditSettings } from '../../domain/audit/appliance-settings.js';
import { resolveSecret } from '../../inventory/secrets.js';
import type { MongoLogin } from './status-script.js';

/**
 * The account that asks MongoDB, as it is used. References are absolute already, so they need no folder to start from.
 * @throws {SecretError} when its password cannot be had
 */
export const loginOf = async ({ user, password }: MongodbAuditSettings): Promise<MongoLogin> => ({
  user,
  password: await resolveSecret(password, '/'),
});

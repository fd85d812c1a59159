import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { OpenStackSettings } from '../domain/inventory.js';
import type { SiteInventory } from './load.js';
import { absolutePath } from './paths.js';
import { readPrivateFile, resolveSecret, SecretError } from './secrets.js';
import { readSource } from './source.js';
import { didYouMean } from './suggest.js';

/** What Keystone is asked with. The password is in memory only while it is used, and belongs in no log, result or error. */
export interface OpenStackCredentials {
  authUrl: string;
  username: string;
  password: string;
  project: string;
  userDomain: string;
  projectDomain: string;
  region?: string;
  interface: 'public' | 'internal' | 'admin';
  /** Certificates to trust beside the system's, absolute path. */
  caFile?: string;
  /** False when the site has turned certificate checks off in its clouds.yaml. */
  verify: boolean;
}

/**
 * Reads the credentials where they are kept, as they are now.
 * @throws {CredentialsError} for a clouds.yaml that lacks something
 * @throws {SecretError} for a secret that cannot be read
 */
export type ReadCredentials = () => Promise<OpenStackCredentials>;

/** Credentials that are named and cannot be had or used. Its message never holds a value of theirs. */
export class CredentialsError extends Error {
  override name = 'CredentialsError';
}

/**
 * How to read the site's OpenStack credentials. Do it where they are used, so that they are nowhere else.
 * @returns undefined when the inventory has no `openstack:` section
 */
export function openStackCredentials({
  openstack,
  file,
}: Pick<SiteInventory, 'openstack' | 'file'>): ReadCredentials | undefined {
  if (openstack === undefined) return undefined;
  return () => ('cloudsYaml' in openstack ? fromCloudsYaml(openstack) : inline(openstack, dirname(file)));
}

type Inline = Extract<OpenStackSettings, { authUrl: string }>;
type Named = Extract<OpenStackSettings, { cloudsYaml: string }>;

async function inline({ password, region, caFile, ...rest }: Inline, baseDir: string): Promise<OpenStackCredentials> {
  return {
    ...rest,
    ...(region !== undefined && { region }),
    ...(caFile !== undefined && { caFile }),
    password: await resolveSecret(password, baseDir),
    verify: true,
  };
}

/** Keystone v3 by password, the names of openstacksdk's configuration. */
const entrySchema = z.object({
  auth_type: z.enum(['password', 'v3password']).default('password'),
  auth: z.object({
    auth_url: z.url(),
    username: z.string().min(1),
    password: z.string().min(1),
    project_name: z.string().min(1),
    user_domain_name: z.string().default('Default'),
    project_domain_name: z.string().default('Default'),
  }),
  region_name: z.string().optional(),
  interface: z.preprocess(
    // The catalogue's own names, publicURL and the like, are accepted too.
    (value) => (typeof value === 'string' ? value.replace(/URL$/, '') : value),
    z.enum(['public', 'internal', 'admin']).default('public'),
  ),
  cacert: z.string().min(1).optional(),
  verify: z.boolean().default(true),
});

async function fromCloudsYaml({ cloudsYaml, cloud }: Named): Promise<OpenStackCredentials> {
  const clouds = cloudsIn(await readPrivateFile(cloudsYaml, cloudsYaml), cloudsYaml);
  const entry = ownValue(clouds, cloud);
  if (entry === undefined)
    throw new CredentialsError(`${cloudsYaml} has no cloud ${cloud}${didYouMean(cloud, Object.keys(clouds)) ?? ''}`);

  const secret = ownValue(await secretClouds(join(dirname(cloudsYaml), 'secure.yaml')), cloud);
  const checked = entrySchema.safeParse({
    ...entry,
    ...secret,
    auth: { ...mapOf(entry.auth), ...mapOf(secret?.auth) },
  });
  if (!checked.success) {
    const wrong = [...new Set(checked.error.issues.map(({ path }) => path.join('.')))].join(', ');
    throw new CredentialsError(
      `${cloudsYaml}: clouds.${cloud} cannot be used: ${wrong} is missing or not of the form that password authentication with Keystone v3 needs`,
    );
  }
  const { auth, region_name: region, cacert, interface: endpoint, verify } = checked.data;
  return {
    authUrl: auth.auth_url,
    username: auth.username,
    password: auth.password,
    project: auth.project_name,
    userDomain: auth.user_domain_name,
    projectDomain: auth.project_domain_name,
    ...(region !== undefined && { region }),
    interface: endpoint,
    ...(cacert !== undefined && { caFile: absolutePath(cacert, dirname(cloudsYaml)) }),
    verify,
  };
}

/** openstacksdk keeps passwords apart in a secure.yaml beside the clouds.yaml, where there is one. */
async function secretClouds(path: string): Promise<Record<string, Record<string, unknown>>> {
  try {
    return cloudsIn(await readPrivateFile(path, path), path);
  } catch (error) {
    if (error instanceof SecretError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
      return {};
    throw error;
  }
}

/** The entries of a clouds.yaml by name. */
function cloudsIn(text: string, file: string): Record<string, Record<string, unknown>> {
  const { value, problems } = readSource(text);
  const [problem] = problems;
  if (problem) throw new CredentialsError(`${file}:${problem.line}: ${problem.reason}`);
  const parsed = z.object({ clouds: z.record(z.string(), z.record(z.string(), z.unknown())) }).safeParse(value);
  if (!parsed.success) throw new CredentialsError(`${file} has no map \`clouds\` of maps; is it a clouds.yaml?`);
  return parsed.data.clouds;
}

const ownValue = <T>(record: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const mapOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});

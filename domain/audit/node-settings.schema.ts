import { z } from 'zod';
import type { Role } from '../inventory.js';
import { isHostName, isWord } from '../names.js';
import { looksSecret } from './secret-key.js';

/** The roles of hosts; an array of disks is no host. Not taken from the schema of the inventory, of which this is a part. */
const HOST_ROLES = ['controller', 'compute', 'mongo', 'ceph-osd', 'fuel'] as const satisfies readonly Role[];

const role = z.enum(HOST_ROLES);

/** dev_valid_name() of the kernel: at most 15 characters, no slash, no blank. */
const interfaceName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,14}$/, 'must be the name of a network interface, such as br-mgmt');

/** It stands in a sudo rule, where a blank would begin another argument. */
const absolutePath = z
  .string()
  .regex(/^\/[A-Za-z0-9._/@+-]{0,200}$/, 'must be an absolute path of plain characters')
  .refine((path) => !/(?:^|\/)\.\.?(?:\/|$)|\/\//.test(path), 'must not go over . or ..');

const address = z.union(
  [z.ipv4(), z.ipv6(), z.string().refine((text) => isHostName(text) && !/^[\d.]+$/.test(text))],
  'must be an IP address or a host name',
);

const network = z.string().refine(isWord, 'must be a word of letters, digits, dots, hyphens and underscores');

/** `section.key`; a section may have colons and slashes, as those of paste do. The value is asked for by it on the host. */
const entryName = z
  .string()
  .regex(/^[A-Za-z0-9_:/-]{1,60}\.[A-Za-z0-9_.-]{1,80}$/, 'must be a section and a key, such as DEFAULT.debug');

const entryValue = z
  .union([z.string().max(500), z.number(), z.boolean(), z.null()])
  .describe('What it must be; null when it only must be there');

const configSchema = z.strictObject({
  path: absolutePath.describe('An INI file as OpenStack has them'),
  roles: z.array(role).min(1, 'needs at least one role').describe('Nodes that must have it'),
  entries: z
    .record(entryName, entryValue)
    .superRefine((entries, context) => {
      for (const [name, value] of Object.entries(entries)) {
        if (value !== null && looksSecret(name))
          context.addIssue({
            code: 'custom',
            path: [name],
            message: 'looks like a secret, which is not written here: null asks only that it is there',
          });
      }
    })
    .describe('What must be in it, by section.key'),
  ignore: z
    .array(z.string().min(1, 'must not be empty').max(150))
    .default([])
    .describe('Keys that may be there beside, as section.key with * and ?'),
});

/** `audit.node` of ostler.yaml: what a site wants of its hosts beyond what fits every cloud. */
export const nodeAuditSchema = z.strictObject({
  mounts: z
    .partialRecord(role, z.array(absolutePath))
    .default({})
    .describe('Filesystems that must be mounted on nodes of a role, and are watched like the root filesystem'),
  bridges: z
    .partialRecord(role, z.array(interfaceName))
    .default({})
    .describe('Bridges and network interfaces that nodes of a role must have, with a link'),
  peers: z
    .record(
      network,
      z.partialRecord(role, z.array(address).max(64, 'has more than 64 addresses; a few per network do')),
    )
    .default({})
    .describe('Addresses that nodes of a role must reach by ping, by the name of the network'),
  selinux: z
    .enum(['enforcing', 'permissive', 'disabled'])
    .optional()
    .describe('The mode that every host should run in'),
  configs: z.array(configSchema).default([]).describe('Configuration files and what must be in them'),
});

export type NodeAuditSection = z.output<typeof nodeAuditSchema>;

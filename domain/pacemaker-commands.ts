import type { Role } from './inventory.js';

/**
 * A read is limited as root: the SIGKILL of an ordinary user's timeout ends sudo and leaves what sudo runs (tried with sudo 1.9.13). Ten seconds
 * are plenty for tools that ask a local daemon; one that takes longer does not answer.
 */
export const AT_MOST = ['/usr/bin/timeout', '-k', '2', '10'];

/**
 * The reads of Pacemaker, which only root and its own group may do. Which of the first three a host understands depends on its
 * generation: the first came with Pacemaker 2.0.3, the second is there before, and the third is pcs' text for people. The last two read sections of the CIB that hold
 * no parameters of resources, and so no passwords. Their section is part of its word: sudo compares arguments joined by blanks, and a scope of
 * `' constraints'`, which is none, would print everything.
 */
export const pacemakerReads = {
  xml: [...AT_MOST, '/usr/sbin/crm_mon', '--output-as=xml', '-1'],
  'old-xml': [...AT_MOST, '/usr/sbin/crm_mon', '-X'],
  text: [...AT_MOST, '/usr/sbin/pcs', 'status'],
  constraints: [...AT_MOST, '/usr/sbin/cibadmin', '-Q', '-oconstraints'],
  properties: [...AT_MOST, '/usr/sbin/cibadmin', '-Q', '-ocrm_config'],
} as const;

/** How long all reads of one controller may take, in milliseconds: asking sudo, the status (one that hangs ends the row), and the two of the CIB. */
export const PACEMAKER_READ_MS = 4 * 15_000;

/** The unit by whose presence a host is told to be in a cluster; it has this name on every distribution. */
export const PACEMAKER_UNIT = 'pacemaker.service';

/** What is read as root on every host of a role, whatever is installed there. */
export const readsOf = (role: Role): string[][] =>
  role === 'controller' ? Object.values(pacemakerReads).map((argv) => [...argv]) : [];

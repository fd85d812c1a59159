import { novaComputeCheck } from './compute-proof.js';
import { configsCheck } from './configs.js';
import { kollaHealthCheck } from './containers.js';
import { corosyncCheck } from './corosync.js';
import { databaseLoginCheck } from './database-login.js';
import { filesystemCheck } from './filesystems.js';
import { httpProofs } from './http-proofs.js';
import { bridgesCheck } from './links.js';
import { memcachedCheck } from './memcached.js';
import { memoryCheck, processMemoryCheck } from './memory.js';
import { neutronCheck } from './neutron-proof.js';
import type { NodeCheck } from './node-check.js';
import { ntpCheck } from './ntp.js';
import { peersCheck } from './peers.js';
import { cpuFrequencyCheck, loadCheck } from './processors.js';
import { selinuxCheck } from './selinux.js';
import { unitsCheck } from './units.js';

/** How each check of a node reads and judges. */
export const nodeJudges: readonly NodeCheck[] = [
  filesystemCheck,
  memoryCheck,
  processMemoryCheck,
  loadCheck,
  cpuFrequencyCheck,
  selinuxCheck,
  unitsCheck,
  bridgesCheck,
  ntpCheck,
  configsCheck,
  corosyncCheck,
  memcachedCheck,
  ...httpProofs,
  neutronCheck,
  novaComputeCheck,
  kollaHealthCheck,
  databaseLoginCheck,
  peersCheck,
];

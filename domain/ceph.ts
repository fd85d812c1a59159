import type { CephMonView } from './ceph-mon.js';

/** What is wrong with a Ceph cluster in its own words. */
export interface CephHealth {
  /** `OSD_DOWN`; missing before Luminous, which had only sentences. */
  code?: string;
  summary: string;
  severity: 'warn' | 'error';
}

/** Ceph as its monitors see it. */
export interface CephStatus {
  /** What somebody muted is left out. */
  health: CephHealth[];
  /** How many placement groups are in which state. */
  groups: { state: string; count: number }[];
  /** Bytes of all disks; missing where no disk has reported yet. */
  raw?: { used: number; total: number };
}

/** A disk of Ceph. */
export interface CephOsd {
  name: string;
  /** Missing for one that stands under no host. */
  host?: string;
  /** `up`, `down`, `destroyed`. */
  status: string;
  /** Data belongs on it, whether it is up or not. */
  isIn: boolean;
}

/** A flag that keeps Ceph from doing something. */
export interface CephFlag {
  name: string;
  /** A host, a class of devices or an OSD; missing for the whole cluster. */
  on?: string;
}

/** What Ceph's map of its OSDs says beside where they are. */
export interface CephOsdMap {
  flags: CephFlag[];
  /** Flags may be set on single hosts: since Nautilus. */
  hasHostFlags: boolean;
  /** By an OSD's name, the epoch of the map in which it last came up: another one is another life of it. */
  upFrom: Record<string, number>;
}

/** All of Ceph that an operation on its daemons goes by, as its monitors told it at about the same time. */
export interface CephFacts {
  status: CephStatus;
  mons: CephMonView;
  osds: CephOsd[];
  map: CephOsdMap;
}

/** All copies of a placement group are there, whether it is being scrubbed or not. */
export const isClean = (state: string): boolean => state.startsWith('active+clean');

/** What is used of all disks, in per cent; 0 where no disk has reported. */
export const usedPercent = (raw: CephStatus['raw']): number =>
  raw && raw.total > 0 ? (100 * raw.used) / raw.total : 0;

/** The command that unsets a flag. */
export function unsetCommand({ name, on }: CephFlag): string {
  if (on === undefined) return `ceph osd unset ${/^pause(?:rd|wr)$/.test(name) ? 'pause' : name}`;
  return /^osd\.\d+$/.test(on) ? `ceph osd rm-${name} ${on}` : `ceph osd unset-group ${name} ${on}`;
}

/** How full a disk or a pool is, in per cent. */
export interface CephUse {
  name: string;
  percent: number;
}

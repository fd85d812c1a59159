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

/** How full a disk or a pool is, in per cent. */
export interface CephUse {
  name: string;
  percent: number;
}

/** Ceph's monitors by their names, and those of them that are in quorum. */
export interface CephMonView {
  monitors: string[];
  quorum: string[];
}

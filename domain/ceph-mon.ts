/** Ceph's monitors by their names, and those of them that are in quorum. */
export interface CephMonView {
  monitors: string[];
  quorum: string[];
  /** The monitor that leads the others, where there is a quorum. */
  leader?: string;
}

/** Galera as one of its members sees it. */
export interface GaleraView {
  /** How many members it counts to its component. */
  size: number;
  /** `Primary`, or `non-Primary` and other words where there is no quorum. */
  status: string;
  stateUuid: string;
  ready: boolean;
  connected: boolean;
  /** `Synced`, `Donor/Desynced`, `Joiner`, `Joined`, `Initialized`, ... */
  state: string;
  isSynced: boolean;
}

/** It gives its state to one that joins, and must not be stopped. */
export const isDonor = ({ state }: Pick<GaleraView, 'state'>): boolean => state.startsWith('Donor');

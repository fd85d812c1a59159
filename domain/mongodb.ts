/** One member of a replica set, as another one knows it. */
export interface MongoMember {
  /** Address and port. */
  name: string;
  /** `PRIMARY`, `SECONDARY`, or what keeps it from being one. */
  state: string;
  /** Whether it answers heartbeats; always of the member that was asked. */
  isHealthy: boolean;
  /** When its last write was made, in milliseconds since 1970. */
  lastWriteMs?: number;
  /** It is the member that was asked. */
  isSelf?: true;
  /** Of the member that was asked: how long its process runs, in seconds. */
  uptimeS?: number;
  /** Of a primary: when it was elected, in milliseconds since 1970. */
  electedMs?: number;
}

/** A replica set as one of its members sees it. */
export interface MongoView {
  set: string;
  members: MongoMember[];
}

/** States in which a member does its part. Every other one is on its way there, or has lost it. */
const IN_ORDER = ['PRIMARY', 'SECONDARY', 'ARBITER'];

/** Whether a member does its part. */
export const isInOrder = ({ state, isHealthy }: MongoMember): boolean => isHealthy && IN_ORDER.includes(state);

/** The members that are primary, of which there should be one. */
export const primariesOf = ({ members }: MongoView): MongoMember[] =>
  members.filter(({ state, isHealthy }) => isHealthy && state === 'PRIMARY');

/** The member that was asked. */
export const selfOf = ({ members }: MongoView): MongoMember | undefined => members.find(({ isSelf }) => isSelf);

/** How far a secondary's last write is behind that of the primary, in seconds; undefined where either does not say. */
export const lagOf = ({ lastWriteMs: last }: MongoMember, { lastWriteMs: latest }: MongoMember): number | undefined =>
  last === undefined || latest === undefined ? undefined : (latest - last) / 1000;

import type { Check } from './check.js';

export const mongodbMembers: Check = {
  id: 'mongodb',
  module: 'mongodb',
  scope: 'cloud',
  roles: ['mongo'],
  title: 'MongoDB replica set',
  means:
    'Every mongo node is asked for the state of the replica set (`rs.status()`). What the primary says counts; without one, what the first says that answers. Healthy are exactly one PRIMARY, and of the others SECONDARY or ARBITER each. Where the database wants a login, audit.mongodb of ostler.yaml names the account; the role clusterMonitor is enough.',
  warns: 'there are fewer members than the limit, or no replica set at all: then a restart of one is an outage',
  fails: 'there is no primary or more than one, no node listens, or a member is out of reach or in any other state',
  thresholds: {
    members: { value: 3, unit: 'members', source: 'domain reference, C10 and D24: two members are no majority of two' },
  },
  remedy:
    'See on the node of the member whether mongod runs and what its log says. RECOVERING and STARTUP2 may pass by themselves while a member catches up; ROLLBACK throws writes away, so look at its rollback directory before anything else. Without a primary look first whether a majority of the members reaches each other.',
  source: 'domain reference, B7, C14 and D24',
};

export const mongodbLag: Check = {
  id: 'mongodb-lag',
  module: 'mongodb',
  scope: 'cloud',
  roles: ['mongo'],
  title: 'MongoDB replication lag',
  means:
    'How far the last write of each SECONDARY is behind the last write of the PRIMARY, both as the primary knows them. A secondary that stays behind cannot take over without losing writes.',
  warns: 'a secondary is behind by more than the limit',
  thresholds: {
    warn: { value: 10, unit: 's', source: 'domain reference, B7' },
  },
  remedy:
    'Compare disk and load of the two nodes and the network between them. One that falls behind by more than the oplog holds must be synchronized anew.',
  source: 'domain reference, B7 and C14',
};

export const mongodbChecks: readonly Check[] = [mongodbMembers, mongodbLag];

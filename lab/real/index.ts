export * from './faults.js';
export { mostDownAtOnce, openRealFleet, type RealFleet, takeDown, upRealFleet } from './fleet.js';
export type { LabHost } from './host.js';
export type { StartRecord } from './journal.js';
export { missingPackages, realLabMissing } from './missing.js';
export type { RealFleetOptions } from './provision.js';
export { computeUnitOf, type StandInOptions } from './stand-in.js';

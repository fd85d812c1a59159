export { ceph, cephHostsOf, untilCephRuns, upCeph } from './ceph.js';
export { fillTo } from './fill.js';

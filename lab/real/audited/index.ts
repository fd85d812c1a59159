export { keystoneConf, smallMount, upAuditedCloud } from './audited-cloud.js';
export { clockOffsetFile } from './clock.js';
export { guestBridge } from './guest-bridge.js';

export { cloudKeeper } from './cloud-keeper.js';
export { clusterStatus } from './cluster-status.js';
export { planRollout } from './plan-rollout.js';
export { rollingRestart } from './rolling-restart.js';

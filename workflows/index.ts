export { cloudKeeper } from './cloud-keeper.js';
export { planRollout } from './plan-rollout.js';
export { rollingRestart } from './rolling-restart.js';

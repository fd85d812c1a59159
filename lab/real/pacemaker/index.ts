export { vipAddress, vips } from './cib.js';
export { clusterView } from './cluster-view.js';
export { controllersOf, untilClusterRuns, upControllers } from './controllers.js';
export { crm } from './crm.js';
export { cutFromPeers, rejoinPeers } from './partition.js';

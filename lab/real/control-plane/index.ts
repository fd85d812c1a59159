export { type ControlPlaneOptions, upControlPlane } from './control-plane.js';
export { galeraView } from './galera.js';
export { haproxyCommand, haproxySocketLevel, haproxyView } from './haproxy.js';
export { probeVip } from './probe.js';
export { rabbitmqView } from './rabbitmq.js';
export { untilControlPlaneRuns } from './runs.js';
export { amqpPort, apiServices, mysqldPort, password, statsPort } from './services.js';
export { rowsOn, startWriter } from './writer.js';

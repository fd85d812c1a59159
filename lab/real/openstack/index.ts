export { admin, type NovaApi, type NovaService } from './nova-api.js';
export { type NovaCloud, type NovaCloudOptions, upNovaCloud } from './nova-cloud.js';

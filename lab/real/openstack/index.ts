export { admin, type NovaService } from './nova-api.js';
export { type NovaCloud, upNovaCloud } from './nova-cloud.js';

export { admin, type NovaService, type OpenStackApi } from './openstack-api.js';
export { type OpenStackCloud, upOpenStack } from './openstack-cloud.js';

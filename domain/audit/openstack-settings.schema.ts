import { z } from 'zod';
import { port } from '../fields.schema.js';
import { API_MODULES, type ApiModule, apis } from './openstack-apis.js';

const portOf = (module: ApiModule) =>
  z.union([port, z.literal('none')], 'must be a port or none').default(apis[module].port);

/** `audit.openstack:` of ostler.yaml: what an audit cannot know of a cloud by asking its APIs. */
export const openStackAuditSchema = z.strictObject({
  required: z
    .array(z.enum(API_MODULES))
    .default([])
    .describe("Services that Keystone's catalogue must have; any other that it lacks is not asked about"),
  apis: z
    .union([
      z.literal('none'),
      z.strictObject({
        keystone: portOf('keystone'),
        glance: portOf('glance'),
        placement: portOf('placement'),
        nova: portOf('nova'),
        cinder: portOf('cinder'),
        neutron: portOf('neutron'),
        heat: portOf('heat'),
        ceilometer: portOf('ceilometer'),
      }),
    ])
    .prefault({})
    .describe(
      "The port on which each API listens at a controller's own address, where it is asked beside its endpoint; none for what cannot be asked there",
    ),
  dhcpSingleton: z
    .boolean()
    .default(true)
    .describe('Whether one alive DHCP agent is enough, as where Pacemaker runs one for the whole cloud'),
  backupOnDemand: z.boolean().default(true).describe('Whether cinder-backup runs only while there is work for it'),
});

/** What the checks of the OpenStack APIs need to know of a site. */
export type OpenStackAuditSettings = z.output<typeof openStackAuditSchema>;

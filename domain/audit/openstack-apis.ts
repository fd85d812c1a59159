/** The APIs that an audit asks, by module, in the order in which they start (domain reference, B9). */
export const API_MODULES = [
  'keystone',
  'glance',
  'placement',
  'nova',
  'cinder',
  'neutron',
  'heat',
  'ceilometer',
] as const;

export type ApiModule = (typeof API_MODULES)[number];

/** One API, as an operator knows it. */
export interface Api {
  name: string;
  /** The types under which Keystone's catalogue may have it; the first that is there is asked. */
  types: readonly string[];
  /** Where it listens on the controllers themselves (domain reference, B3). */
  port: number;
  /** What is asked through its endpoint, in words. */
  question: string;
  /** What an operator would run to ask the same. */
  command: string;
  /** What it asks before it answers in full. */
  behind: string;
}

export const apis: Readonly<Record<ApiModule, Api>> = {
  keystone: {
    name: 'Keystone',
    types: ['identity'],
    port: 5000,
    question: 'for a token and the projects it is good for',
    command: 'openstack token issue',
    behind: 'its database and memcached',
  },
  glance: {
    name: 'Glance',
    types: ['image'],
    port: 9292,
    question: 'for one image',
    command: 'openstack image list --limit 1',
    behind: 'its database',
  },
  placement: {
    name: 'Placement',
    types: ['placement'],
    port: 8778,
    question: 'for a resource provider that does not exist',
    command: 'openstack resource provider list --name ostler',
    behind: 'its database',
  },
  nova: {
    name: 'Nova',
    types: ['compute'],
    port: 8774,
    question: 'for one server',
    command: 'openstack server list --limit 1',
    behind: 'its database',
  },
  cinder: {
    name: 'Cinder',
    types: ['volumev3', 'block-storage', 'volumev2', 'volume'],
    port: 8776,
    question: 'for one volume',
    command: 'openstack volume list --limit 1',
    behind: 'its database',
  },
  neutron: {
    name: 'Neutron',
    types: ['network'],
    port: 9696,
    question: 'for one network',
    command: 'openstack network list',
    behind: 'its database',
  },
  heat: {
    name: 'Heat',
    types: ['orchestration'],
    port: 8004,
    question: 'for one stack',
    command: 'openstack stack list --limit 1',
    behind: 'heat-engine, which it asks through RabbitMQ, and its database',
  },
  ceilometer: {
    name: 'Ceilometer',
    types: ['metering'],
    port: 8777,
    question: 'for one sample',
    command: 'ceilometer sample-list --limit 1',
    behind: 'its database, which may be MongoDB',
  },
};

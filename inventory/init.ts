import { stringify } from 'yaml';
import { jsonSchemaFile } from './json-schema.js';

/** What the starter file is filled in with. */
export interface InitialInventory {
  cloud: string;
  /** The account on the hosts. Default `ops`. */
  user?: string;
  /** Path or URL of the JSON Schema that editors complete the file with. Default: the one that came with this program. */
  schema?: string;
}

/**
 * The commented `ostler.yaml` that `ostler init` writes. It is complete: it loads as it stands, with example hosts to be
 * replaced.
 */
export function initialInventory({ cloud, user = 'ops', schema = jsonSchemaFile() }: InitialInventory): string {
  return `# yaml-language-server: $schema=${schema}
# The cloud that Ostler looks after. Paths are relative to this file, and ~/ is your home folder.
# \`ostler check\` tells whether every host can be reached and permits what Ostler does there.

cloud: ${scalar(cloud)}

# Which unit names to expect: rdo, debian or kolla. By default they are looked up on each node.
# distribution: auto

# How to log in. A node can differ in any of these: see \`ssh:\` at compute-2 below.
ssh:
  user: ${scalar(user)}
  identityFile: ~/.ssh/id_ed25519
  # passphrase: env:OSTLER_KEY_PASSPHRASE   # or file:PATH; a secret itself is never written here
  # agent: true                             # in place of identityFile: the agent at SSH_AUTH_SOCK
  knownHosts: ~/.ssh/known_hosts            # \`ostler check --learn-host-keys\` fills it
  # proxyJump: { address: bastion.example.org, user: ${scalar(user)} }

# Roles: controller, compute, mongo, ceph-osd, eqlx, fuel.
# A failure domain is what fails together, such as a rack; a batch touches as few of them as it can.
nodes:
  - { name: compute-1.example.org, address: 10.20.0.21, roles: [compute], failureDomain: rack-a }
  - name: compute-2.example.org
    address: 10.20.0.22
    roles: [compute]
    failureDomain: rack-b
    # labels: { generation: "2" }
    # ssh: { port: 2222, proxyJump: none }

${furtherSections(cloud)}`;
}

/** What an `ostler.yaml` may have besides, as comments to take up. */
export const furtherSections = (
  cloud: string,
): string => `# How many nodes of a role may be down at once, whatever the cause. These are the defaults.
# maxUnavailable: { compute: 20%, controller: 1 }

# A site's own unit names by catalogue id, tried before the usual ones.
# units: { nova-compute: [my-nova-compute.service] }

# For health checks against the Nova API.
# openstack: { cloudsYaml: ~/.config/openstack/clouds.yaml, cloud: ${scalar(cloud)} }

# Who is told when a run pauses, needs a person, or ends: a program that reads JSON on stdin, or a webhook.
# notify: { command: [/usr/local/bin/tell-us] }
`;

/** Text as a YAML value on one line, in quotes where it would otherwise mean something else. */
const scalar = (text: string): string => stringify(text, { lineWidth: 0 }).trimEnd();

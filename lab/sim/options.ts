import { catalogue } from '../../domain/catalogue.js';
import { type ControllerSite, sudoCommands } from '../../domain/commands.js';
import type { Distribution, Role } from '../../domain/inventory.js';
import { inventorySchema } from '../../domain/inventory.schema.js';

/** What a simulated host is made of. Everything here can be written as JSON. */
export interface HostSettings {
  distribution: Distribution;
  /** 252 as on Debian 12; 219, as on EL 7, knows neither InvocationID nor NRestarts. */
  systemdVersion: number;
  /** How long a restart takes, in milliseconds. */
  restartMs: number;
  /** Restart=on-failure for the host's services. */
  restartOnFailure: boolean;
  /** Whether user ops is in the group systemd-journal. */
  journalAccess: boolean;
  /** What is installed, as far as the host's role has it: catalogue ids. */
  services: readonly string[];
  /** Regular expressions of whole command lines that ops may run with sudo; undefined for Ostler's own rules. */
  sudoRules?: readonly string[];
}

/** What a simulated fleet is made of. Everything here can be written as JSON. */
export interface SimOptions {
  controllers: number;
  computes: number;
  /** The cloud's name in the inventory; `sim` by default. */
  cloud?: string;
  /** One for all hosts, or several that take turns. Debian by default. */
  distribution?: Distribution | readonly Distribution[];
  /** How long a restart takes, in milliseconds; 300 by default. */
  restartMs?: number;
  /** How many racks the hosts of a role are spread over, in equal runs; 3 by default. */
  failureDomains?: number;
  /** One address of 127.0.0.0/8 per host and one port (default on Linux), or one port per host on 127.0.0.1. */
  listen?: 'address-per-host' | 'port-per-host';
  /** One host key for all: saves 10,000 key pairs. */
  sharedHostKey?: boolean;
  /** The controllers are one cluster of Pacemaker, with HAProxy, Galera and RabbitMQ. */
  cluster?: boolean;
  /** What is installed on hosts of the role that has it: catalogue ids; libvirtd and nova-compute by default. */
  services?: readonly string[];
  /** Settings of single hosts, by name. */
  hosts?: Readonly<Record<string, Partial<HostSettings>>>;
}

/** A host before it exists: who it is and where it stands. */
export interface HostPlan {
  name: string;
  role: Role;
  failureDomain: string;
  settings: HostSettings;
  /** What Ostler's sudoers fragment lets ops run. */
  ostlerRules: readonly string[];
}

/** The hosts of a fleet, controllers first, named `controller-1`, `compute-1` and so on. */
export function planHosts(options: SimOptions): HostPlan[] {
  return [...planRole(options, 'controller', options.controllers), ...planRole(options, 'compute', options.computes)];
}

const nameOf = (role: Role, index: number): string => `${role}-${index + 1}`;

/** The controllers and what is theirs, by the defaults of an inventory. */
const siteOf = (controllers: number): ControllerSite =>
  inventorySchema.parse({
    cloud: 'sim',
    ssh: { user: 'ops', agent: true },
    nodes: Array.from({ length: controllers }, (_, index) => {
      const name = nameOf('controller', index);
      return { name, address: name, roles: ['controller'] };
    }),
  });

function planRole(options: SimOptions, role: Role, count: number): HostPlan[] {
  const domains = Math.max(1, Math.min(options.failureDomains ?? 3, count));
  const distributions = [options.distribution ?? 'debian'].flat() as Distribution[];
  const rules = ostlerRules(role, options.cluster ? siteOf(options.controllers) : undefined);
  return Array.from({ length: count }, (_, index) => {
    const name = nameOf(role, index);
    return {
      name,
      role,
      failureDomain: `rack-${1 + Math.floor((index * domains) / count)}`,
      settings: {
        distribution: distributions[index % distributions.length] ?? 'debian',
        systemdVersion: 252,
        restartMs: options.restartMs ?? 300,
        restartOnFailure: false,
        journalAccess: true,
        services: options.services ?? INSTALLED,
        ...options.hosts?.[name],
      },
      ostlerRules: rules,
    };
  });
}

/** What is installed where nothing is said, of everything that the catalogue knows. */
const INSTALLED = ['libvirtd', 'nova-compute'];

/** The units that a host of a role has, by the names of its distribution: catalogue id to unit name. */
export function unitsOf(
  role: Role,
  { distribution, services }: Pick<HostSettings, 'distribution' | 'services'>,
): Map<string, string> {
  return new Map(
    [...catalogue.values()]
      .filter(({ id, roles }) => roles.includes(role) && services.includes(id))
      .flatMap((entry) => entry.units[distribution].slice(0, 1).map((unit) => [entry.id, unit] as const)),
  );
}

/**
 * The command lines that Ostler's sudoers fragment allows on the hosts of a role, as regular expressions: only intents and marks vary.
 * @param site the controllers of a cluster
 */
function ostlerRules(role: Role, site: ControllerSite | undefined): string[] {
  const digits = '[0-9a-f]'.repeat(16);
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return sudoCommands(role, {}, undefined, site).map((command) =>
    command.split(digits).map(literal).join('[0-9a-f]{16}'),
  );
}

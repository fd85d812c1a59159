/** A stand-in for an OpenStack API: an HTTP server that says who it is. */
export interface ApiService {
  /** Its unit, on every controller. */
  unit: string;
  /** Its name in HAProxy. */
  proxy: string;
  port: number;
}

/** The APIs of the control plane; each listens on its node's address, and HAProxy on both VIPs at the same port. */
export const apiServices = [
  { unit: 'keystone', proxy: 'keystone-1', port: 5000 },
  { unit: 'glance-api', proxy: 'glance-api', port: 9292 },
  { unit: 'nova-api', proxy: 'nova-api', port: 8774 },
] as const satisfies readonly ApiService[];

/** The ports clients use, on the management VIP. */
export const mysqldPort = 3306;
export const amqpPort = 5672;

/** The ports MariaDB and RabbitMQ have on their node's address, behind HAProxy. */
export const galeraPort = 3307;
export const rabbitmqPort = 5673;

/** Where a node says over HTTP whether its Galera is Synced. */
export const galeraCheckPort = 49_000;

/** HAProxy's statistics, on its node's address. */
export const statsPort = 10_000;

/** What everybody needs who logs in to something of the lab. The word is one that a leak of it can be found by. */
export const password = 'only-in-the-lab';

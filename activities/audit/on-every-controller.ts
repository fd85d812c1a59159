import type { Answered, ServiceAnswer } from '../../domain/audit/service-answer.js';
import type { CloudSite } from './cloud-checks.js';

/** The names of the controllers, in the order of the inventory. */
export const controllersOf = ({ inventory }: Pick<CloudSite, 'inventory'>): string[] =>
  inventory.nodes.filter(({ roles }) => roles.includes('controller')).map(({ name }) => name);

/** Asks all controllers at the same time. */
export const onEveryController = <View>(
  site: CloudSite,
  ask: (controller: string, index: number) => Promise<ServiceAnswer<View>>,
): Promise<Answered<View>[]> =>
  Promise.all(
    controllersOf(site).map(async (controller, index) => ({ ...(await ask(controller, index)), controller })),
  );

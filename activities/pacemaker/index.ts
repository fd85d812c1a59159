import { log } from '@temporalio/activity';
import type { ControllerAnswer } from '../../domain/cluster.js';
import { beating } from '../beat.js';
import { invalidRequest } from '../failures.js';
import { createAskCluster, type PacemakerDeps } from './ask.js';

/** What is asked of Pacemaker. */
export function createPacemakerActivities({ inventory, run }: PacemakerDeps) {
  const controllers = inventory.nodes.filter(({ roles }) => roles.includes('controller')).map(({ name }) => name);
  const ask = createAskCluster({ inventory, run });

  return {
    /**
     * Asks every controller how it sees the cluster, at the same time, by one read of each over SSH. Changes nothing.
     * @throws {ApplicationFailure} InvalidRequest for another cloud, or one without controllers
     */
    async readCluster({ cloud }: { cloud: string }): Promise<ControllerAnswer[]> {
      if (cloud !== inventory.cloud)
        throw invalidRequest(`this worker looks after the cloud ${inventory.cloud}, not ${cloud}`);
      if (controllers.length === 0) throw invalidRequest(`no node of ${cloud} has the role controller`);
      const answers = await beating((signal) => Promise.all(controllers.map((one) => ask(one, signal))));
      log.info('cluster read', { answers: answers.map(({ controller, state }) => `${controller}: ${state}`) });
      return answers;
    },
  };
}

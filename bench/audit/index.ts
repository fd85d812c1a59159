import { NODES_AT_ONCE } from '../../activities/audit/index.js';
import { must } from '../../lab/real/process.js';
import type { Bench, BenchResult, BenchSettings } from '../bench.js';
import { againstAnsible, againstBare } from './comparisons.js';
import { instantHosts, realHosts } from './prepare.js';
import { nodeChecks } from './site.js';
import { throughTemporal } from './through-temporal.js';

/** Every node check of an audit on many hosts, against the same script in a bare loop and in Ansible. */
export const auditBench: Bench = {
  brief: 'all node checks on 1,000 hosts, against a bare ssh2 loop, and on 100 against ansible',
  commands: { sshd: 'openssh-server', ssh: 'openssh-client', ansible: 'ansible-core' },
  run: measureAudit,
};

async function measureAudit(settings: BenchSettings): Promise<BenchResult> {
  const { quick, undo, say } = settings;
  const [many, few] = quick ? [20, 5] : [1_000, 100];
  const { task, scriptBytes, answerBytes } = await instantHosts(many, undo);
  const real = await realHosts(few, undo);
  say(`audit: ${many} hosts answer at once with ${answerBytes} bytes, ${few} run the script of ${scriptBytes} bytes`);

  const parts = [
    await againstBare(task, settings),
    await againstAnsible({ ...task, hosts: few }, ['raw'], 'hosts that answer at once', settings),
    await againstAnsible(real.task, ['raw', 'setup'], 'hosts that run the script', settings),
    await throughTemporal(task, settings),
  ];
  return {
    findings: parts.flatMap(({ findings }) => findings),
    conditions: {
      hosts: many,
      fanout: NODES_AT_ONCE,
      checks: nodeChecks.length,
      scriptBytes,
      answerBytes,
      ansible: (await must(['ansible', '--version'])).split('\n')[0] ?? '',
    },
    samples: Object.assign({}, ...parts.map(({ samples }) => samples)),
  };
}

import { type Application, buildApplication, buildRouteMap, ExitCode, run } from '@stricli/core';
import { abortCommand } from './commands/abort.js';
import { auditRoutes } from './commands/audit.js';
import { checkCommand } from './commands/check.js';
import { clusterRoutes } from './commands/cluster.js';
import { completionCommand } from './commands/completion.js';
import { COMPLETE, propose } from './commands/completion-propose.js';
import { devCommand } from './commands/dev.js';
import { failoverCommand } from './commands/failover.js';
import { initCommand } from './commands/init.js';
import { leasesCommand } from './commands/leases.js';
import { locksCommand } from './commands/locks.js';
import { nodesCommand } from './commands/nodes.js';
import { notifyRoutes } from './commands/notify.js';
import { pauseCommand } from './commands/pause.js';
import { promoteCommand } from './commands/promote.js';
import { restartCommand } from './commands/restart.js';
import { resumeCommand } from './commands/resume.js';
import { retryCommand } from './commands/retry.js';
import { returnCommand } from './commands/return.js';
import { runsCommand } from './commands/runs.js';
import { scheduleRoutes } from './commands/schedule.js';
import { serviceRoutes } from './commands/service.js';
import { setupCommand } from './commands/setup.js';
import { showCommand } from './commands/show.js';
import { skipCommand } from './commands/skip.js';
import { sudoersCommand } from './commands/sudoers.js';
import { unlockCommand } from './commands/unlock.js';
import { vipRoutes } from './commands/vip.js';
import { watchCommand } from './commands/watch.js';
import { workerCommand } from './commands/worker.js';
import { type OstlerContext, printJson } from './context.js';
import { errorTexts } from './error-texts.js';
import { type CliError, EXIT } from './exit.js';
import { explain } from './explain.js';
import { errorDocument } from './render/error.js';
import { VERSION } from './version.js';

/** Every command; each loads what it does when it is run, so that `--help` loads nothing. */
export const routes = buildRouteMap<string, OstlerContext>({
  routes: {
    init: initCommand,
    check: checkCommand,
    audit: auditRoutes,
    nodes: nodesCommand,
    dev: devCommand,
    worker: workerCommand,
    setup: setupCommand,
    restart: restartCommand,
    service: serviceRoutes,
    failover: failoverCommand,
    return: returnCommand,
    vip: vipRoutes,
    runs: runsCommand,
    show: showCommand,
    watch: watchCommand,
    pause: pauseCommand,
    resume: resumeCommand,
    abort: abortCommand,
    retry: retryCommand,
    skip: skipCommand,
    promote: promoteCommand,
    cluster: clusterRoutes,
    schedule: scheduleRoutes,
    notify: notifyRoutes,
    locks: locksCommand,
    unlock: unlockCommand,
    leases: leasesCommand,
    sudoers: sudoersCommand,
    completion: completionCommand,
  },
  docs: {
    brief: 'Durable operations for OpenStack clouds',
    fullDescription: [
      'Durable operations for OpenStack clouds: a bounded number of hosts at a time, every step proven on the host.',
      '',
      'A first look:',
      '  ostler init                              write an inventory, ostler.yaml',
      '  ostler check                             can every host be reached, and may we do our work there?',
      '  ostler dev                               a Temporal server and a worker on this machine',
      '  ostler restart nova-compute --dry-run    the plan, and nothing else',
      '  ostler restart nova-compute --reason "OPS-1: new oslo.messaging"',
    ].join('\n'),
  },
});

/**
 * The application for stricli.
 * @param failed is told of everything that stopped a command
 * @param debug prints stack traces of errors
 */
export const buildOstler = (
  failed: (failure: CliError) => void = () => {},
  debug = false,
): Application<OstlerContext> =>
  buildApplication(routes, {
    name: 'ostler',
    versionInfo: { currentVersion: VERSION },
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    documentation: { onlyRequiredInUsageLine: true },
    localization: { text: errorTexts(failed, debug) },
    determineExitCode: (error) => explain(error).exitCode,
  });

/**
 * Runs one command line to its end.
 * @param argv the words after `ostler`
 * @returns the exit code (design, section 4). What stopped a command is two lines on stderr and, with `--json`, also a
 * document on stdout
 */
export async function runOstler(argv: readonly string[], context: OstlerContext): Promise<number> {
  const failures: CliError[] = [];
  if (argv[0] === COMPLETE) {
    await propose(
      buildOstler((failure) => failures.push(failure), false),
      argv.slice(1),
      context,
    );
    return EXIT.ok;
  }
  await run(
    buildOstler((failure) => failures.push(failure), argv.includes('--debug')),
    argv,
    context,
  );
  const [failure] = failures;
  if (failure && argv.includes('--json')) printJson(context, errorDocument(failure));
  return exitCodeOf(Number(context.process.exitCode ?? EXIT.ok));
}

/** stricli's own codes are negative: a wrong command line, or something that could not be loaded. */
function exitCodeOf(code: number): number {
  if (code === ExitCode.InvalidArgument || code === ExitCode.UnknownCommand) return EXIT.usage;
  return code < 0 ? EXIT.bug : code;
}

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';

let made: Promise<WorkflowBundleOption> | undefined;

/**
 * The workflows' code. An installed Ostler brings it ready-made, as `dist/workflow-bundle.js`; run from its sources, it bundles
 * them, once for each process, so that a bundle of yesterday never runs beside the sources of today.
 */
export function workflowBundle(): Promise<WorkflowBundleOption> {
  made ??= runsFromSources ? bundleSources() : prebuilt();
  return made;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const runsFromSources = import.meta.url.endsWith('.ts');

async function prebuilt(): Promise<WorkflowBundleOption> {
  const codePath = here('../workflow-bundle.js');
  if (!existsSync(codePath))
    throw new Error(
      `${codePath} is missing: this installation is incomplete; run \`npm run build\` or install it again`,
    );
  return { codePath };
}

/** Bundles `workflows/` with webpack, in about a second. */
export const bundleSources = (): Promise<WorkflowBundleOption> =>
  bundleWorkflowCode({ workflowsPath: here('../workflows/index.ts'), logger: new DefaultLogger('WARN') });

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The two servers that Temporal's SDK can download for itself. */
export type SdkServer = 'dev-server' | 'time-skipping';

/**
 * Let Temporal's SDK download a server, which it does by starting it once.
 *
 * @param folder an empty folder for the download
 * @returns the path of the executable
 * @throws when the download did not work, which is so wherever the internet is not open
 */
export async function downloadThroughSdk(server: SdkServer, folder: string): Promise<string> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const options = { server: { executable: { type: 'cached-download', downloadDir: folder } } } as const;
  const started =
    server === 'dev-server'
      ? await TestWorkflowEnvironment.createLocal(options)
      : await TestWorkflowEnvironment.createTimeSkipping(options);
  await started.teardown();
  const [file] = await readdir(folder);
  if (file === undefined) throw new Error(`the SDK started a server, but left no executable in ${folder}`);
  return join(folder, file);
}

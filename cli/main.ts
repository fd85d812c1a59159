#!/usr/bin/env node
import process from 'node:process';
import { runOstler } from './app.js';
import { processContext } from './process-context.js';

// A reader that has seen enough (`ostler runs | head -1`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await runOstler(process.argv.slice(2), processContext(process));

// Preloaded into an `ostler` whose output goes through the demo to a terminal: it draws as if it wrote there by itself.
import process from 'node:process';

for (const stream of [process.stdin, process.stdout, process.stderr]) stream.isTTY = true;
for (const stream of [process.stdout, process.stderr]) stream.columns = Number(process.env.COLUMNS);

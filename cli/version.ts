/** As in package.json; a constant, because reading a file would slow every `--help`. */
export const VERSION = '0.1.0';

import type { OstlerContext } from '../context.js';
import type { Shell } from './completion.js';

/** Prints the completion script of a shell. */
export function completion(this: OstlerContext, _flags: NonNullable<unknown>, shell: Shell): void {
  this.io.stdout(scripts[shell]);
}

/** Each hands the words typed so far, the unfinished last one included, to `ostler __complete`, which prints one proposal a line. */
const scripts: Record<Shell, string> = {
  // COMP_WORDS is cut at COMP_WORDBREAKS, so that `--role=site` arrives as three words; ours are then just no match.
  bash: `_ostler() {
  local IFS=$'\\n'
  COMPREPLY=($(ostler __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
}
complete -o default -F _ostler ostler
`,
  zsh: `#compdef ostler
_ostler() {
  local -a proposals
  local line word brief
  while IFS=$'\\t' read -r word brief; do
    proposals+=("\${word//:/\\\\:}:$brief")
  done < <(ostler __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#proposals} )); then _describe ostler proposals; else _files; fi
}
compdef _ostler ostler
`,
  fish: `function __ostler_complete
  set -l words (commandline -opc) (commandline -ct)
  ostler __complete $words[2..-1] 2>/dev/null
end
complete -c ostler -a '(__ostler_complete)'
`,
};

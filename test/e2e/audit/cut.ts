/** Drops what leaves a host and matches any of the rules, until {@link dropNoMore}. */
export const drop = (table: string, rules: readonly string[]): string => `nft -f - <<'NFT'
table inet ${table} {
  chain out { type filter hook output priority 0; ${rules.map((rule) => `${rule} drop;`).join(' ')} }
}
NFT`;

/** Does nothing where nothing is dropped. */
export const dropNoMore = (table: string): string => `nft delete table inet ${table} 2>/dev/null || true`;

/** How the keys of configuration files end that hold a credential, or a URL that has one in it. */
const SECRET =
  /pass(?:word|wd|phrase)?$|secret(?:_key)?$|token$|(?:^|[._-])(?:key|auth|credentials?|dsn)$|connection$|transport_url$/i;

/** Whether the value of this key of a configuration file is likely to be, or to hold, a secret. In doubt it is. */
export const looksSecret = (key: string): boolean => SECRET.test(key);

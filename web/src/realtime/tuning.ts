/** Times in milliseconds. The defaults fit the protocol's promises; tests shorten them. */
export interface Tuning {
  /** Without a first frame by then, the transport is not to be trusted (a proxy buffers it, say). */
  firstFrame: number;
  backoffBase: number;
  backoffCap: number;
  /** A connection that ends sooner after its first frame counts against its transport. */
  early: number;
  /** So many early ends in a row before another transport is tried. */
  earlyEnds: number;
  /** Wait before the first attempt to climb back to a better transport; doubles up to the cap. */
  upgrade: number;
  upgradeCap: number;
  ping: number;
  pingHidden: number;
  /** How long an asked connection may stay silent before it counts as dead. */
  pong: number;
  /** A connection behind the head the server speaks of, with nothing arriving for so long, is repaired. */
  behind: number;
  /** A token is shown anew this long after the last one; the server closes 15 minutes after it. */
  renew: number;
  presence: number;
  presenceHidden: number;
  /** Failed attempts in a row after which the status is `lost`. */
  lostAfter: number;
}

export const defaultTuning: Tuning = {
  firstFrame: 8_000,
  backoffBase: 2_000,
  backoffCap: 30_000,
  early: 5_000,
  earlyEnds: 2,
  upgrade: 5_000,
  upgradeCap: 600_000,
  ping: 20_000,
  pingHidden: 50_000,
  pong: 4_000,
  behind: 3_000,
  renew: 600_000,
  presence: 30_000,
  presenceHidden: 50_000,
  lostAfter: 3,
};

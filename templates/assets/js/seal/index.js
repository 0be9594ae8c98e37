// The browser's half of sealed bids (app/procurement/seal is the server's).
// Nothing here sends anything anywhere: callers do, and what they may send is
// said beside each function. A passphrase and an identity's secret never leave
// the page; a share leaves it only at the opening.
export { Fault } from './fault.js'
export { checkPassphrase, makeIdentity, openIdentity } from './identity.js'
export { sealTo, openSealed } from './age.js'
export { openShare, checkShare } from './share.js'
export { subshare, combine } from './reshare.js'
export { checkBid, limits, yuan } from './check.js'
export { Complaints, packBid, openBid, padded } from './bid.js'
export { digest, toBase64, fromBase64 } from './bytes.js'
